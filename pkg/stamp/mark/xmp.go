package mark

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/label"
)

// EmptyXMP is a packet that says nothing.
const EmptyXMP = "<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" +
	"<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">" +
	"</rdf:RDF></x:xmpmeta>\n<?xpacket end=\"w\"?>"

// AddToXMP puts one description at the end of a packet in UTF-8; nil when the packet has no place for it. One of an
// earlier copy is replaced.
func AddToXMP(packet []byte, m Mark) []byte {
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
	for _, p := range m.Properties() {
		name := strings.TrimPrefix(p.Key, "Chancery")
		fmt.Fprintf(&b, "<chancery:%s>%s</chancery:%s>", name, EscapeXML(p.Value), name)
	}
	if m.Label != nil {
		fmt.Fprintf(&b, "<chancery:Label>%s</chancery:Label>", EscapeXML(string(m.Label)))
	}
	fmt.Fprintf(&b, "</%s:Description>", rdf)
	b.WriteString(xmpEnd)
	return slices.Concat(packet[:start], []byte(b.String()), packet[start:])
}

const (
	xmpBegin = "<!--chancery-->"
	xmpEnd   = "<!--/chancery-->"
)
