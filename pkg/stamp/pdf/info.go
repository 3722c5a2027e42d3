package pdf

import (
	"fmt"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"chancery.example/gateway/pkg/label"
	"chancery.example/gateway/pkg/stamp/mark"
)

const maxXMP = 8 << 20 // bytes

// describePDF writes mark and label into the information dictionary and into the XMP metadata.
func describePDF(ctx *model.Context, m mark.Mark) error {
	info, err := infoDict(ctx)
	if err != nil {
		return err
	}
	for _, p := range m.Properties() {
		info[p.Key] = TextString(p.Value)
	}
	if m.Label != nil {
		info[label.Key] = TextString(string(m.Label))
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

// TextString is a text string of PDF (ISO 32000-1, 7.9.2.2).
func TextString(s string) types.Object {
	return types.NewHexLiteral([]byte(types.EncodeUTF16String(s)))
}

func describeXMP(ctx *model.Context, m mark.Mark) error {
	root, err := ctx.Catalog()
	if err != nil {
		return err
	}
	packet := withoutClaim(packetOf(ctx, root))
	if packet == nil {
		packet = []byte(mark.EmptyXMP)
	}
	edited := mark.AddToXMP(packet, m)
	if edited == nil {
		edited = mark.AddToXMP([]byte(mark.EmptyXMP), m)
	}
	sd := types.StreamDict{Dict: types.Dict{"Type": types.Name("Metadata"), "Subtype": types.Name("XML")},
		Content: edited}
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
	packet, _ := decodedStream(*sd)
	return label.OfXMP(packet)
}
