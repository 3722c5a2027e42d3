package office

import "chancery.example/gateway/pkg/stamp/mark"

// ExcelLine is a header or footer of Excel.
func ExcelLine(m mark.Mark, header bool, old string) string {
	return excelLine(m.Complete(), header, old)
}
