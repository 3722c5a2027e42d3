package rest

import (
	"slices"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/web"
)

// row is one operation.
type row struct {
	method, path string
	endpoint
}

// table is the whole API. A test holds it against openapi.yaml: every operation, its parameters, what its body must
// have, and what it answers with. A GET answers HEAD as well.
func (a *API) table() []row {
	return slices.Concat(a.arrangementRows(), a.documentRows(), a.requestRows(), a.noticeRows(), a.logRows())
}

func (a *API) arrangementRows() []row {
	return []row{
		{"GET", "/me", handle(a.getMe)},
		{"GET", "/me/entries/:id", handle(a.getOwnEntry)},
		{"GET", "/me/notifications", handle(a.getNotifications)},
		{"PUT", "/me/notifications", handle(a.putNotifications)},
		{"GET", "/me/sessions", handle(a.listSessions)},
		{"DELETE", "/me/sessions", handle(a.endSessions)},
		{"DELETE", "/me/sessions/:id", handle(a.endSession)},
		{"GET", "/arrangement", handle(a.getArrangement)},
		{"POST", "/arrangement/notice", handle(a.giveNotice)},
		{"GET", "/arrangement/delegations", handle(a.listDelegations)},
		{"POST", "/arrangement/delegations", handle(a.fileDelegation)},
		{"GET", "/arrangement/focal-points", handle(a.listFocalPoints)},
		{"POST", "/arrangement/focal-points", handle(a.designateFocalPoint)},
		{"GET", "/arrangement/wind-down", handle(a.listWindDown)},
		{"GET", "/organisations", handle(a.listOrganisations)},
		{"POST", "/organisations", handle(a.proposeOrganisation)},
		{"GET", "/organisations/:id", handle(a.getOrganisation)},
		{"GET", "/organisations/:id/mandates", handle(a.listMandates)},
		{"POST", "/organisations/:id/mandates", handle(a.proposeMandate)},
		{"GET", "/people", handle(a.listPeople)},
		{"DELETE", "/people/:id/sessions", handle(a.endSessionsOf)},
		{"GET", "/names", handle(a.listNames)},
		{"GET", "/offices", handle(a.listOffices)},
		{"POST", "/offices", handle(a.openOffice)},
		{"POST", "/offices/:id/members", handle(a.changeOffice)},
		{"GET", "/purposes", handle(a.listPurposes)},
		{"GET", "/agreements", handle(a.listAgreements)},
		{"POST", "/agreements", handle(a.proposeAgreement)},
		{"GET", "/agreements/:id", handle(a.getAgreement)},
		{"POST", "/agreements/:id/signatures", handle(a.signAgreement)},
		{"POST", "/agreements/:id/signatures/draft", handle(a.draftSignature)},
		{"POST", "/agreements/:id/declining", handle(a.declineAgreement)},
		{"GET", "/instruments", handle(a.listInstruments)},
		{"POST", "/instruments", handle(a.depositInstrument)},
		{"GET", "/instruments/:id", handle(a.getInstrument)},
		{"GET", "/instruments/:id/content", handle(a.getInstrumentContent)},
		{"GET", "/rules", handle(a.listRules)},
		{"GET", "/rules/:paragraph", handle(a.getRule)},
	}
}

func (a *API) documentRows() []row {
	return []row{
		{"GET", "/documents", handle(a.listDocuments)},
		{"POST", "/documents", handle(a.depositDocument)},
		{"GET", "/staged", handle(a.listStaged)},
		{"POST", "/staged", spoken(a.beginArrival, handle(a.stageFile))},
		{"OPTIONS", "/staged", sends[none](a.tellTus)},
		{"GET", "/staged/:id", handle(a.getStaged)},
		{"HEAD", "/staged/:id", sends[none](a.stagedHead)},
		{"PATCH", "/staged/:id", sends[none](a.takePart)},
		{"DELETE", "/staged/:id", spoken(a.endArrival, handle(a.dropStaged))},
		{"GET", "/staged/:id/preview", handle(a.getStagedPreview)},
		{"GET", "/documents/:id", handle(a.getDocument)},
		{"PATCH", "/documents/:id", handle(a.amendDocument)},
		{"POST", "/documents/:id/requests", handle(a.requestAccess)},
		{"POST", "/documents/:id/disclosures", handle(a.discloseDocument)},
		{"GET", "/documents/:id/versions", handle(a.listVersions)},
		{"POST", "/documents/:id/versions", handle(a.correctDocument)},
		{"POST", "/documents/:id/versions/:version/destruction", handle(a.destroyVersion)},
		{"POST", "/documents/:id/marking", handle(a.markDocument)},
		{"POST", "/documents/:id/entities", handle(a.changeEntities)},
		{"POST", "/documents/:id/not-concerned", handle(a.sayNotConcerned)},
		{"GET", "/series", handle(a.listSeries)},
		{"POST", "/series", handle(a.openSeries)},
		{"GET", "/series/:id", handle(a.getSeries)},
		{"GET", "/series/:id/authorizations", handle(a.listStanding)},
		{"POST", "/series/:id/authorizations", handle(a.authorizeSeries)},
		{"POST", "/series/:id/authorizations/draft", handle(a.draftStanding)},
		{"POST", "/series/:id/authorizations/:authorization/withdrawal", handle(a.withdrawStanding)},
		{"GET", "/lowerings", handle(a.listLowerings)},
		{"GET", "/lowerings/:id", handle(a.getLowering)},
		{"POST", "/lowerings/:id/decisions", handle(a.decideLowering)},
		{"POST", "/lowerings/:id/withdrawal", handle(a.withdrawLowering)},
		{"GET", "/documents/:id/releases", handle(a.listReleases)},
		{"POST", "/documents/:id/releases", handle(a.releaseDocument)},
		{"POST", "/documents/:id/releases/:release/ending", handle(a.endRelease)},
		{"GET", "/documents/:id/deliveries", handle(a.listDeliveries)},
		{"POST", "/documents/:id/deliveries", handle(a.deliverDocument)},
		{"POST", "/documents/:id/recall", handle(a.recallDocument)},
		{"POST", "/documents/:id/leak-reports", handle(a.reportLeak)},
		{"GET", "/documents/:id/circle", handle(a.getCircle)},
		{"GET", "/documents/:id/history", handle(a.listHistory)},
		{"GET", "/documents/:id/timeline", handle(a.getTimeline)},
		{"GET", "/disclosures/:id", handle(a.getDisclosure)},
		{"GET", "/disclosures/:id/label", handle(a.getLabel)},
		{"GET", "/disclosures/:id/pages", handle(a.getPages)},
		{"GET", "/disclosures/:id/pages/:n", handle(a.getPage)},
		{"GET", "/disclosures/:id/content", sends[api.GetContentParams](a.content)},
		{"HEAD", "/disclosures/:id/content", sends[none](a.contentHead)},
		{"GET", "/disclosures/:id/receipt", handle(a.getReceipt)},
		{"POST", "/trace", handle(a.traceCopy)},
		{"POST", "/explain", handle(a.explain)},
	}
}

func (a *API) requestRows() []row {
	return []row{
		{"GET", "/requests", handle(a.listRequests)},
		{"POST", "/requests", handle(a.requestSeveral)},
		{"POST", "/decisions", handle(a.decideSeveral)},
		{"POST", "/decisions/draft", handle(a.draftSeveral)},
		{"POST", "/requests/:id/carry-over", handle(a.carryOver)},
		{"GET", "/requests/:id", handle(a.getRequest)},
		{"POST", "/requests/:id/decisions", handle(a.decideRequest)},
		{"POST", "/requests/:id/decisions/draft", handle(a.draftDecision)},
		{"POST", "/requests/:id/admissions", handle(a.admitPeople)},
		{"POST", "/requests/:id/withdrawal", handle(a.withdrawRequest)},
		{"POST", "/requests/:id/authorizations", handle(a.fileAuthorization)},
		{"GET", "/requests/:id/messages", handle(a.listMessages)},
		{"POST", "/requests/:id/messages", handle(a.sendMessage)},
	}
}

func (a *API) noticeRows() []row {
	return []row{
		{"GET", "/waiting", handle(a.getWaiting)},
		{"GET", "/notices", handle(a.listNotices)},
		{"GET", "/events", handle(a.listEvents)},
		{"GET", "/webhooks", handle(a.listWebhooks)},
		{"POST", "/webhooks", handle(a.keepWebhook)},
		{"GET", "/webhooks/keys", handle(a.listWebhookKeys)},
		{"DELETE", "/webhooks/:id", handle(a.endWebhook)},
		{"GET", "/webhooks/:id/deliveries", handle(a.listDeliveriesTo)},
		{"POST", "/webhooks/:id/redelivery", handle(a.redeliver)},
		{"POST", "/notices/:id/acknowledgement", handle(a.acknowledgeNotice)},
		{"GET", "/confirmations", handle(a.listConfirmations)},
		{"GET", "/confirmations/:id", handle(a.getConfirmation)},
		{"POST", "/confirmations/:id", handle(a.confirm)},
		{"GET", "/suspensions", handle(a.listSuspensions)},
		{"POST", "/suspensions", handle(a.suspend)},
		{"POST", "/suspensions/:id/ending", handle(a.endSuspension)},
		{"GET", "/holds", handle(a.listHolds)},
		{"POST", "/holds", handle(a.placeHold)},
		{"POST", "/holds/:id/ending", handle(a.endHold)},
	}
}

func (a *API) logRows() []row {
	return []row{
		{"GET", "/receipts/:id", handle(a.getActReceipt)},
		{"GET", "/erasures", handle(a.listErasures)},
		{"POST", "/erasures", handle(a.erase)},
		{"GET", "/log/entries", handle(a.listLogEntries)},
		{"GET", "/log/entries/:id", handle(a.getLogEntry)},
		{"GET", "/log/entries/:id/proof", handle(a.getLogProof)},
		{"GET", "/log/checkpoint", handle(a.getLogCheckpoint)},
		{"GET", "/log/tile/*path", handle(a.getLogTile)},
		{"GET", "/log/consistency", handle(a.getLogConsistency)},
		{"GET", "/log/keys", handle(a.listLogKeys)},
		{"POST", "/log/exports", handle(a.exportLog)},
		{"GET", "/arrangement/review", handle(a.getReview)},
		{"GET", "/log/monitoring", handle(a.getMonitoring)},
		{"GET", "/log/accounting", handle(a.getAccounting)},
	}
}

// Register puts the API's routes on an engine that web.NewEngine made.
func (a *API) Register(engine *gin.Engine) {
	a.public(engine)
	group := engine.Group(Base, a.authenticate)
	rows := a.table()
	for _, r := range rows {
		serve := a.serve(r.endpoint)
		group.Handle(r.method, r.path, serve)
		heads := func(other row) bool { return other.method == "HEAD" && other.path == r.path }
		if r.method == "GET" && !slices.ContainsFunc(rows, heads) {
			group.Handle("HEAD", r.path, serve)
		}
	}
}

// serve answers one operation, or says why not.
func (a *API) serve(e endpoint) gin.HandlerFunc {
	return func(c *gin.Context) {
		if slices.ContainsFunc(c.Params, func(p gin.Param) bool { return !isPlain(p.Value) }) {
			a.problems.Write(c, web.Fail(web.KindNotFound, nil)) // there is no such identifier
			return
		}
		if err := e.run(c); err != nil {
			a.problems.Write(c, err)
		}
	}
}
