package invalid

// Key names what is wrong with a field. Its words, and the code of the fault, stand in the table of words.
type Key int

// The keys, in the order of the table.
const (
	_ Key = iota

	// How a request is put together.

	NoShortBoundary
	PartsTooLarge
	UnknownField
	DuplicateField
	RepeatedParameter
	BadJSON
	UnreadableJSON
	UnreadableBody
	UnreadableQuery
	HoldsNUL
	Required
	RequiredParameter
	MetadataNotJSON
	MetadataTooLarge
	PartMissing
	OnlyContent
	MetadataThenContent
	ExtraToContent
	ExtraPart
	WrongOrder
	TransferEncoding
	BadFileName
	UnreadableMediaType
	BrokenBody
	DigestDiffers
	DigestOfParts
	UnknownParameter
	ControlInParameter
	UnexpectedBody
	BadIfMatch
	BadCursor
	OtherList
	NotAnEvent
	EventsMissed
	WaitOutOfRange
	GivenOnce
	KeyLength
	KeyNotASCII
	NotPairs
	BadChecksum

	// The value of a field.

	NotAnInstant
	NotAYearMonthDay
	NotAString
	NotABoolean
	NotANumber
	NotAList
	NotAnObject
	WrongType
	ParameterNotAnInstant
	ParameterNotANumber
	NotASize
	EntitiesUnknown
	EntitiesNotAList
	SourcesUnknown
	SourcesNotAList
	LimitOutOfRange
	NoneOf
	NotAValue
	SizeOutOfRange
	PageOutOfRange
	TooLong
	TooManyItems
	TooManyWords
	NoWord
	NotText
	ControlCharacter
	NotOneLine
	NotADigest
	YearOutOfRange
	NotACountry
	NotTwoCapitals
	IsNoneOf
	NotAKindOfEntry
	NotAReason
	NotAParagraph
	NotAMarking
	NotAnOrder
	NotABox
	NotACorrection
	NotADecision
	NotAForm
	NotEvidence
	BasisOfConsent
	NotAQuestion
	NotAnOutcome
	NotADisposition
	NotALanguage
	NotAMailSetting
	NotLaterThanSince
	NotAfterSince
	PeriodTooLong
	NotUpToSecond
	NotADay
	DayToCome
	TokenTooLong
	Empty

	// What a field names, or fails to.

	Missing
	MissingPeople
	MissingLetter
	MissingGround
	NotACopyOfThis
	MissingSubject
	MissingPrivateField
	MissingDocument
	MissingAccounted
	MissingEntity
	MissingDayOfInstrument
	MissingInstrument
	NoSuchInstrument
	NotStaged
	NotWithDocument
	NotAPaper
	PaperTooLarge
	OtherDigest
	MissingDayOfNotice
	MissingCountry
	MissingIssuer
	MissingThirdParty
	MissingOrganisation
	MissingUntil
	MissingSignatory
	NoChangeOfEntities
	NothingToErase
	NotTogether
	MissingDeposit
	OnlyForDeposit
	NotWithDeposit
	NothingToSuspend
	NothingToTrace
	UnknownPerson
	UnknownOrganisation
	NotASubject
	NotAnIdentifier
	NotAShortName
	NotAnIssuer
	NotAWebhook
	NotAThirdParty
	NotATile
	NoAgreementText
	AgreementBinds

	keys // how many there are
)
