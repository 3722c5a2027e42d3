package office

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"chancery.example/gateway/pkg/stamp/mark"
)

// maxExcelLine is how many characters Excel takes in a header or footer, codes included.
const maxExcelLine = 255

// beforeHeaderFooter are the children of a sheet that stand before its headerFooter (ECMA-376-1, 18.3.1.99 and
// 18.3.1.12).
var beforeHeaderFooter = map[string]bool{"sheetPr": true, "dimension": true, "sheetViews": true, "sheetFormatPr": true,
	"cols":      true,
	"sheetData": true, "sheetCalcPr": true, "sheetProtection": true, "protectedRanges": true, "scenarios": true,
	"autoFilter": true,
	"sortState":  true, "dataConsolidate": true, "customSheetViews": true, "mergeCells": true, "phoneticPr": true,
	"conditionalFormatting": true, "dataValidations": true, "hyperlinks": true, "printOptions": true,
	"pageMargins": true, "pageSetup": true}

// markSheets puts the mark into the header and footer of every sheet: Excel shows them in print and in the page view.
func (o *office) markSheets(m mark.Mark, words *mark.WordSet) (int, error) {
	sheets := o.ofKind(".worksheet+xml", ".chartsheet+xml", ".dialogsheet+xml", "ms-excel.macrosheet+xml",
		".intlmacrosheet+xml")
	if len(sheets) == 0 {
		return 0, mark.Refuse(mark.Damaged, "it has no sheets")
	}
	for i, name := range sheets {
		part, err := o.part(name)
		if err != nil {
			return 0, err
		}
		marked, err := markSheet(part, m, words)
		if err != nil {
			return 0, err
		}
		o.set(name, marked)
		if i < 6 {
			o.firstCells(part, words)
		}
	}
	return len(sheets), nil
}

func markSheet(part []byte, m mark.Mark, words *mark.WordSet) ([]byte, error) {
	all, err := elements(part, func(p string) bool {
		return pathDepth(p) <= 2 || strings.Contains(p, "/headerFooter/") && pathDepth(p) == 3
	})
	if err != nil {
		return nil, err
	}
	if len(all) == 0 || namespaceOf(all[0]) == "" {
		return nil, errXML
	}
	root, at, namespace := all[0], all[0].in, sheetNamespace(all)
	old := element{}
	lines := map[string]string{}
	var edits []edit
	for _, e := range all[1:] {
		switch {
		case pathDepth(e.path) == 3:
			lines[e.local] = string(unescaped(part[e.in:e.out]))
			words.Add(plainExcel(lines[e.local]))
		case e.local == "headerFooter":
			old = e
		case beforeHeaderFooter[e.local]:
			at = e.end
			if e.local == "pageMargins" {
				edits = append(edits, edit{e.start, e.end, roomyMargins(namespace, e)})
			}
		}
	}
	text := headerFooter(namespace, old, lines, m)
	switch {
	case old.name != "":
		edits = append(edits, edit{old.start, old.end, text})
	case root.empty:
		edits = append(edits, root.atBack(part, text))
	default:
		edits = append(edits, edit{at, at, text})
	}
	return applyEdits(part, edits), nil
}

// sheetNamespace is that of a sheet's children: a macro sheet has a root of another one.
func sheetNamespace(all []element) string {
	for _, e := range all[1:] {
		if pathDepth(e.path) != 2 || !beforeHeaderFooter[e.local] {
			continue
		}
		if namespace := namespaceIn(all[0], e.name); namespace != "" {
			return namespace
		}
	}
	return namespaceOf(all[0])
}

// roomyMargins lets header and footer begin nearer to the paper's edge, so that they have room: what is printed
// between them stays where it was.
func roomyMargins(namespace string, old element) string {
	const nearest = 0.3 // inches, as Excel has it
	var b strings.Builder
	fmt.Fprintf(&b, `<ch:pageMargins xmlns:ch="%s"`, namespace)
	for _, a := range old.attributes {
		if a.Name.Space != "" || a.Name.Local == "xmlns" {
			continue
		}
		if inches, err := strconv.ParseFloat(a.Value, 64); (a.Name.Local == "header" || a.Name.Local == "footer") &&
			err == nil && inches > nearest {
			a.Value = fmt.Sprint(nearest)
		}
		fmt.Fprintf(&b, ` %s="%s"`, a.Name.Local, xmlText(a.Value))
	}
	return b.String() + "/>"
}

// headerFooter writes the element again, with the attributes that it had.
func headerFooter(namespace string, old element, lines map[string]string, m mark.Mark) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<ch:headerFooter xmlns:ch="%s"`, namespace)
	for _, a := range old.attributes {
		if a.Name.Space == "" && a.Name.Local != "xmlns" {
			fmt.Fprintf(&b, ` %s="%s"`, a.Name.Local, xmlText(a.Value))
		}
	}
	b.WriteString(">")
	for _, which := range []string{"odd", "even", "first"} {
		for _, side := range []string{"Header", "Footer"} {
			fmt.Fprintf(&b, `<ch:%s%s xml:space="preserve">%s</ch:%s%s>`, which, side,
				xmlText(excelLine(m, side == "Header", lines[which+side])), which, side)
		}
	}
	b.WriteString("</ch:headerFooter>")
	return b.String()
}

// onItsOwn puts what was in the middle below the mark.
func onItsOwn(centre string) string {
	if centre == "" {
		return ""
	}
	return "\n" + centre
}

// excelLine is the mark in Excel's codes, and what stood there as far as there is room. The header says who and which
// copy, the footer what for.
func excelLine(m mark.Mark, header bool, old string) string {
	facts := m.Who()
	if !header {
		facts = append([]string{"Copy " + m.CopyNumber, m.Notice}, m.Terms()...) // there is always room for the notice
	}
	left, centre, right := splitExcel(old)
	text := `&"Arial,Bold"&10&K` + m.Colour().Hex() + doubledAmpersands(m.Heading()) + `&"Arial,Regular"&7&K` +
		mark.Ink.Hex()
	for i, f := range facts {
		glue := mark.Separator
		if i == 0 {
			glue = "\n"
		}
		if room := maxExcelLine - 2 - utf8.RuneCountInString(text+glue); room > 8 {
			text += glue + doubledAmpersands(mark.Shorten(f, room))
		}
	}
	text = clipCodes(text, maxExcelLine-2)
	for _, kept := range []struct{ before, after string }{
		{left, onItsOwn(centre) + right}, {"", onItsOwn(centre)}, {left, ""}, {"", right},
	} {
		whole := kept.before + "&C" + text
		if utf8.RuneCountInString(whole+kept.after) <= maxExcelLine {
			return whole + kept.after
		}
	}
	return "&C" + text
}

func doubledAmpersands(s string) string { return strings.ReplaceAll(s, "&", "&&") }

// clipCodes cuts without leaving half a code at the end.
func clipCodes(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	s = string(r[:n])
	if (len(s)-len(strings.TrimRight(s, "&")))%2 == 1 {
		s = s[:len(s)-1]
	}
	return s
}

var excelSection = regexp.MustCompile(`&&|&[LCR]`)

// splitExcel gives the left part with its code, the text of the centre without, and the right part with its code.
func splitExcel(s string) (left, centre, right string) {
	parts := map[string]string{}
	current, from := "&C", 0
	for _, at := range excelSection.FindAllStringIndex(s, -1) {
		code := s[at[0]:at[1]]
		if code == "&&" {
			continue
		}
		parts[current] += s[from:at[0]]
		current, from = code, at[1]
	}
	parts[current] += s[from:]
	if parts["&L"] != "" {
		left = "&L" + parts["&L"]
	}
	if parts["&R"] != "" {
		right = "&R" + parts["&R"]
	}
	return left, parts["&C"], right
}

var excelCode = regexp.MustCompile(`&(?:"[^"]*"|K[0-9A-Fa-f]{6}|\d+|[A-Za-z])`)

// plainExcel is what people see of a line.
func plainExcel(s string) string {
	return strings.ReplaceAll(excelCode.ReplaceAllString(s, " "), "&&", "&")
}

const (
	cellBytes = 64 << 10 // of a sheet that are looked at for marking words
	cellCount = 24
)

var sharedCell = regexp.MustCompile(`<(?:\w+:)?c [^>]*t="s"[^>]*>\s*<(?:\w+:)?v>(\d{1,6})<`)

// firstCells looks for marking words in the first cells.
func (o *office) firstCells(sheet []byte, words *mark.WordSet) {
	head := sheet[:min(len(sheet), cellBytes)]
	for _, text := range shownTexts(head, "is", cellCount) {
		words.Add(text)
	}
	cells := sharedCell.FindAllSubmatch(head, cellCount)
	pools := o.ofKind(".sharedStrings+xml")
	if len(cells) == 0 || len(pools) == 0 {
		return
	}
	part, err := o.part(pools[0])
	if err != nil {
		return
	}
	shared := shownTexts(part, "si", 4*cellCount)
	for _, c := range cells {
		if i, err := strconv.Atoi(string(c[1])); err == nil && i < len(shared) {
			words.Add(shared[i])
		}
	}
}
