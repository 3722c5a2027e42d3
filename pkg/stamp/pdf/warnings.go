package pdf

import (
	"bytes"
	"regexp"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"chancery.example/gateway/pkg/stamp/mark"
)

// warnings are looked for before describePDF, which takes out the claim to be PDF/A.
func warnings(ctx *model.Context) []mark.Warning {
	root, err := ctx.Catalog()
	if err != nil {
		return nil
	}
	names, _ := ctx.DereferenceDict(root["Names"])
	found := map[mark.Warning]bool{
		mark.PDFA:        claimsPDFA(packetOf(ctx, root)),
		mark.Attachments: names["EmbeddedFiles"] != nil,
	}
	for _, entry := range ctx.Table {
		active(ctx, entry.Object, found, 0)
		d, ok := entry.Object.(types.Dict)
		if !ok {
			continue
		}
		// A signature dictionary is the only one with a ByteRange (ISO 32000-1, 12.8.1).
		found[mark.Signature] = found[mark.Signature] || d["ByteRange"] != nil
		if subtype := d.Subtype(); subtype != nil && *subtype == "FileAttachment" {
			found[mark.Attachments] = true
		}
	}
	return mark.Warnings(found)
}

// packetOf is the file's XMP metadata; nil where there are none that can be read.
func packetOf(ctx *model.Context, root types.Dict) []byte {
	sd, _, err := ctx.DereferenceStreamDict(root["Metadata"])
	if err != nil || sd == nil {
		return nil
	}
	if packet, whole := decodedStream(*sd); whole && len(packet) < maxXMP {
		return packet
	}
	return nil
}

// pdfaPrefix finds by which prefix a packet speaks of PDF/A (ISO 19005-1, 6.7.11).
var pdfaPrefix = regexp.MustCompile(`xmlns:([A-Za-z0-9_.-]+)\s*=\s*["']http://www\.aiim\.org/pdfa/ns/id/?["']`)

func claimsPDFA(packet []byte) bool {
	return !bytes.Equal(withoutClaim(packet), packet)
}

// withoutClaim takes out what says that the file is PDF/A: attributes and elements alike.
func withoutClaim(packet []byte) []byte {
	for _, m := range pdfaPrefix.FindAllSubmatch(packet, 8) {
		prefix := regexp.QuoteMeta(string(m[1]))
		attribute := regexp.MustCompile(`\s` + prefix + `:[a-z]+\s*=\s*(?:"[^"]*"|'[^']*')`)
		element := regexp.MustCompile(`<` + prefix + `:[a-z]+(?:\s[^>]*)?(?:/>|>[^<]*</` + prefix + `:[a-z]+\s*>)`)
		packet = element.ReplaceAll(attribute.ReplaceAll(packet, nil), nil)
	}
	return packet
}
