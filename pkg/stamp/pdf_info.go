package stamp

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/label"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

const maxXMP = 8 << 20

// property is one line of a document's properties. Keys are plain ASCII.
type property struct{ key, value string }

// properties are the same in every format.
func (m Mark) properties() []property {
	all := []property{
		{"ChanceryMarking", m.word()}, {"ChanceryDiscloser", m.Discloser}, {"ChanceryRecipient", m.Recipient},
		{"ChanceryPerson", m.Person}, {"ChanceryCopyNumber", m.CopyNumber}, {"ChanceryPurpose", m.Purpose},
		{"ChanceryDate", m.isoDay()}, {"ChanceryReference", m.Reference}, {"ChanceryNotice", m.Notice},
	}
	return slices.DeleteFunc(all, func(p property) bool { return p.value == "" })
}

func (m Mark) isoDay() string {
	if m.Date.IsZero() {
		return ""
	}
	return m.Date.UTC().Format("2006-01-02")
}

// describePDF writes mark and label into the information dictionary and into the XMP metadata.
func describePDF(ctx *model.Context, m Mark) error {
	info, err := infoDict(ctx)
	if err != nil {
		return err
	}
	for _, p := range m.properties() {
		info[p.key] = textString(p.value)
	}
	if m.Label != nil {
		info[label.Key] = textString(string(m.Label))
	}
	return describeXMP(ctx, m)
}

func infoDict(ctx *model.Context) (types.Dict, error) {
	if ctx.Info != nil {
		if d, err := ctx.DereferenceDict(*ctx.Info); err == nil && d != nil {
			return d, nil
		}
	}
	d := types.NewDict()
	ref, err := ctx.IndRefForNewObject(d)
	if err != nil {
		return nil, fmt.Errorf("information dictionary: %w", err)
	}
	ctx.Info = ref
	return d, nil
}

// textString is a text string of PDF (ISO 32000-1, 7.9.2.2).
func textString(s string) types.Object {
	return types.NewHexLiteral([]byte(types.EncodeUTF16String(s)))
}

func describeXMP(ctx *model.Context, m Mark) error {
	root, err := ctx.Catalog()
	if err != nil {
		return err
	}
	packet := []byte(emptyXMP)
	if sd, _, err := ctx.DereferenceStreamDict(root["Metadata"]); err == nil && sd != nil {
		if old, whole := decoded(*sd); whole && len(old) < maxXMP {
			packet = old
		}
	}
	edited := addToXMP(packet, m)
	if edited == nil {
		edited = addToXMP([]byte(emptyXMP), m)
	}
	sd := types.StreamDict{Dict: types.Dict{"Type": types.Name("Metadata"), "Subtype": types.Name("XML")}, Content: edited}
	if err := sd.Encode(); err != nil {
		return fmt.Errorf("metadata: %w", err)
	}
	ref, err := ctx.IndRefForNewObject(sd)
	if err != nil {
		return fmt.Errorf("metadata: %w", err)
	}
	root["Metadata"] = *ref
	return nil
}

const emptyXMP = "<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" +
	"<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">" +
	"</rdf:RDF></x:xmpmeta>\n<?xpacket end=\"w\"?>"

// addToXMP puts one description at the end of a packet in UTF-8; nil when the packet has no place for it. One of an earlier
// copy is replaced.
func addToXMP(packet []byte, m Mark) []byte {
	if begin := bytes.Index(packet, []byte(xmpBegin)); begin >= 0 {
		if end := bytes.Index(packet[begin:], []byte(xmpEnd)); end >= 0 {
			packet = slices.Concat(packet[:begin], packet[begin+end+len(xmpEnd):])
		}
	}
	end := bytes.LastIndex(packet, []byte(":RDF>"))
	if end < 0 {
		return nil
	}
	start := bytes.LastIndexByte(packet[:end], '<')
	if start < 0 || !bytes.HasPrefix(packet[start:], []byte("</")) {
		return nil
	}
	rdf := string(packet[start+2 : end])
	var b strings.Builder
	b.WriteString(xmpBegin)
	fmt.Fprintf(&b, "<%s:Description %s:about=\"\" xmlns:chancery=\"%s\">", rdf, rdf, label.Namespace)
	for _, p := range m.properties() {
		name := strings.TrimPrefix(p.key, "Chancery")
		fmt.Fprintf(&b, "<chancery:%s>%s</chancery:%s>", name, escapeXML(p.value), name)
	}
	if m.Label != nil {
		fmt.Fprintf(&b, "<chancery:Label>%s</chancery:Label>", escapeXML(string(m.Label)))
	}
	fmt.Fprintf(&b, "</%s:Description>", rdf)
	b.WriteString(xmpEnd)
	return slices.Concat(packet[:start], []byte(b.String()), packet[start:])
}

const (
	xmpBegin = "<!--chancery-->"
	xmpEnd   = "<!--/chancery-->"
)

func escapeXML(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder does not fail
	return b.String()
}

// labelOfPDF finds the label of an earlier copy.
func labelOfPDF(ctx *model.Context) []byte {
	if ctx.Info != nil {
		if d, err := ctx.DereferenceDict(*ctx.Info); err == nil && d[label.Key] != nil {
			if text, err := ctx.DereferenceText(d[label.Key]); err == nil && text != "" {
				return []byte(text)
			}
		}
	}
	root, err := ctx.Catalog()
	if err != nil {
		return nil
	}
	sd, _, err := ctx.DereferenceStreamDict(root["Metadata"])
	if err != nil || sd == nil {
		return nil
	}
	packet, _ := decoded(*sd)
	return label.OfXMP(packet)
}
