package instrument

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Bounds of an Arrangement file.
const (
	maxBytes  = 1 << 20
	maxDepth  = 20  // of brackets in brackets
	maxColumn = 100 // of a list's dash
	maxFaults = 100 // that the decoder is asked for
)

// Read reads an Arrangement file. Unknown keys are refused, and so are the anchors, aliases and tags of YAML.
// Everything that is wrong is reported at once, as *Invalid; any other error is the reader's own.
func Read(r io.Reader) (Instrument, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return Instrument{}, fmt.Errorf("read arrangement file: %w", err)
	}
	if len(data) > maxBytes {
		return Instrument{}, whole(0, fmt.Sprintf("the file is longer than %d bytes", maxBytes))
	}
	root, err := parse(string(data))
	if err != nil {
		return Instrument{}, err
	}
	in, c := decode(root)
	if !c.broken {
		c.all(in)
	}
	if len(c.faults) > 0 {
		return Instrument{}, &Invalid{Faults: c.faults}
	}
	sum := sha256.Sum256(data)
	in.Digest = hex.EncodeToString(sum[:])
	return in, nil
}

// whole is a fault of the file as a whole.
func whole(line int, detail string) error {
	return &Invalid{Faults: []Fault{{Line: line, Detail: detail}}}
}

// parse gives the tree of the one document of the file.
func parse(text string) (*ast.MappingNode, error) {
	tokens := lexer.Tokenize(text)
	if line := tooDeep(tokens); line > 0 {
		return nil, whole(line, "is nested more deeply than an Arrangement file is")
	}
	file, err := parser.Parse(tokens, 0)
	var wrong yaml.Error
	switch {
	case errors.As(err, &wrong):
		return nil, whole(lineOf(wrong.GetToken()), "not readable as YAML: "+wrong.GetMessage())
	case err != nil:
		return nil, whole(0, "not readable as YAML: "+err.Error())
	case len(file.Docs) != 1:
		return nil, whole(0, fmt.Sprintf("the file is to hold one document of YAML, and holds %d", len(file.Docs)))
	}
	root, ok := file.Docs[0].Body.(*ast.MappingNode)
	if !ok {
		return nil, whole(0, "the file is empty, or no list of keys and values")
	}
	return root, nil
}

// tooDeep is the line at which the file nests beyond what an Arrangement file needs; 0: nowhere.
func tooDeep(tokens token.Tokens) int {
	depth := 0
	for _, t := range tokens {
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.SequenceEntryType, token.MappingKeyType:
			if t.Position.Column > maxColumn {
				return t.Position.Line
			}
		}
		if depth > maxDepth {
			return t.Position.Line
		}
	}
	return 0
}

func lineOf(t *token.Token) int {
	if t == nil || t.Position == nil {
		return 0
	}
	return t.Position.Line
}

// lines are the lines of the keys and of the items of lists, by their path.
type lines map[string]int

// of is the line of a path, or of the nearest that it lies in.
func (l lines) of(path string) int {
	for path != "" {
		if line := l[path]; line > 0 {
			return line
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return 0
}

// decode decodes as much as can be, so that one wrong value does not hide the next: what the decoder refuses is noted
// and taken out of the tree, and the rest is decoded again.
func decode(root *ast.MappingNode) (Instrument, *check) {
	c := &check{lines: lines{}, seen: map[string]string{}}
	ast.Walk(visitor(func(n ast.Node) { c.meet(n) }), root)
	if c.broken {
		return Instrument{}, c
	}
	for range maxFaults {
		var in Instrument
		err := yaml.NodeToValue(root, &in, yaml.DisallowUnknownField())
		if err == nil {
			return in, c
		}
		if !c.refused(root, err) {
			break
		}
	}
	return Instrument{}, c
}

// visitor calls a function for each node of a tree.
type visitor func(ast.Node)

// Visit is for ast.Walk.
func (v visitor) Visit(n ast.Node) ast.Visitor {
	v(n)
	return v
}

// pathOf is the path of a node as faults name it.
func pathOf(n ast.Node) string { return strings.TrimPrefix(strings.TrimPrefix(n.GetPath(), "$"), ".") }

// dayKeys are the keys whose values are days, at any place.
var dayKeys = []string{"signed_on", "designated_on", "from", "until", "ends_on"}

// meet notes the line of a node, and refuses what the file may not hold, and each day that is not one.
func (c *check) meet(n ast.Node) {
	switch n := n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		c.broken = true
		const detail = "anchors, aliases, merged keys and tags are not read: write it out"
		c.faults = append(c.faults, Fault{Field: pathOf(n), Line: lineOf(n.GetToken()), Detail: detail})
	case *ast.MappingValueNode:
		path := pathOf(n.Value)
		c.lines[path] = lineOf(n.Key.GetToken())
		if slices.Contains(dayKeys, n.Key.GetToken().Value) && !isDay(n.Value) {
			c.add(path, "", "a day as YYYY-MM-DD is wanted, without quotes")
			n.Value = null(n.Value)
		}
	case *ast.SequenceNode:
		for _, item := range n.Values {
			c.lines[pathOf(item)] = lineOf(item.GetToken())
		}
	}
}

// isDay reports whether a value is a day, an instant (which is told apart later), or nothing.
func isDay(n ast.Node) bool {
	if n.Type() == ast.NullType {
		return true
	}
	text, ok := n.(*ast.StringNode)
	if !ok || text.Token.Type != token.StringType {
		return false
	}
	_, notDay := time.Parse(time.DateOnly, text.Value)
	_, notInstant := time.Parse(time.RFC3339, text.Value)
	return notDay == nil || notInstant == nil
}

// null is put in the place of a value that was taken out.
func null(was ast.Node) ast.Node {
	n := ast.Null(was.GetToken())
	n.SetPath(was.GetPath())
	return n
}

// refused notes what the decoder refuses and takes it out; false where the place cannot be found.
func (c *check) refused(root *ast.MappingNode, err error) bool {
	var unknown *yaml.UnknownFieldError
	var wrong yaml.Error
	switch {
	case errors.As(err, &unknown):
		return c.cut(root, unknown.Token, "unknown key "+unknown.Token.Value)
	case errors.As(err, &wrong) && c.cut(root, wrong.GetToken(), "another kind of value is wanted"):
		return true
	case wrong != nil:
		c.broken = true
		c.faults = append(c.faults, Fault{Line: lineOf(wrong.GetToken()), Detail: wrong.GetMessage()})
	default:
		c.broken = true
		c.faults = append(c.faults, Fault{Detail: err.Error()})
	}
	return false
}

// cut takes the outermost key or value that begins with a token out of the tree.
func (c *check) cut(root *ast.MappingNode, at *token.Token, detail string) bool {
	var found ast.Node
	ast.Walk(visitor(func(n ast.Node) {
		if found != nil {
			return
		}
		switch n := n.(type) {
		case *ast.MappingNode:
			found = cutKey(n, at)
		case *ast.SequenceNode:
			found = cutItem(n, at)
		}
	}), root)
	if found == nil {
		return false
	}
	c.faults = append(c.faults, Fault{Field: pathOf(found), Line: lineOf(at), Detail: detail})
	return true
}

// cutKey removes the key, or empties the value, that begins with a token; nil where none does.
func cutKey(m *ast.MappingNode, at *token.Token) ast.Node {
	for i, v := range m.Values {
		value := v.Value
		switch {
		case v.Key.GetToken() == at:
			m.Values = slices.Delete(m.Values, i, i+1)
			return value
		case begins(value, at):
			v.Value = null(value)
			return value
		}
	}
	return nil
}

// cutItem empties the item of a list that begins with a token; nil where none does.
func cutItem(s *ast.SequenceNode, at *token.Token) ast.Node {
	i := slices.IndexFunc(s.Values, func(v ast.Node) bool { return begins(v, at) })
	if i < 0 {
		return nil
	}
	item := s.Values[i]
	s.Values[i] = null(item)
	return item
}

// begins reports whether a value begins with a token and was not taken out already.
func begins(n ast.Node, at *token.Token) bool { return n.GetToken() == at && n.Type() != ast.NullType }
