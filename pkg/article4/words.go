package article4

import (
	"encoding/binary"

	"github.com/cedar-policy/cedar-go/types"
)

// wordList is a situation in the words of rules.cedarschema, written down one after the other as they are said. What
// the rules are asked is read back from it by recordOf, so two situations that differ in a word differ in said. Later
// words replace earlier ones of the same name.
type wordList struct{ said []byte }

// Each word is its name, one of these bytes and what follows it; a text is its length and its bytes.
const (
	saidFalse byte = iota
	saidTrue
	saidText    // a text
	saidSet     // the number of texts, and the texts
	saidNothing // the word is not there
)

// newWordList has room for the words of most acts.
func newWordList() *wordList { return &wordList{said: make([]byte, 0, 1024)} }

func (w *wordList) flag(name string, is bool) {
	w.write(name)
	if is {
		w.said = append(w.said, saidTrue)
		return
	}
	w.said = append(w.said, saidFalse)
}

func (w *wordList) text(name, value string) {
	w.write(name)
	w.said = append(w.said, saidText)
	w.write(value)
}

// setOf says a set. Its order is written as it comes: the same set in another order is another list of words with the
// same meaning.
func setOf[T ~string](w *wordList, name string, items []T) {
	w.write(name)
	w.said = append(w.said, saidSet)
	w.said = binary.AppendUvarint(w.said, uint64(len(items)))
	for _, item := range items {
		w.write(string(item))
	}
}

// without takes back a word.
func (w *wordList) without(name string) {
	w.write(name)
	w.said = append(w.said, saidNothing)
}

func (w *wordList) write(text string) {
	w.said = append(binary.AppendUvarint(w.said, uint64(len(text))), text...)
}

// recordOf reads back what was said, as cedar takes it.
func recordOf(said []byte) types.RecordMap {
	record := make(types.RecordMap, 64)
	for len(said) > 0 {
		var name string
		name, said = nextText(said)
		kind := said[0]
		said = said[1:]
		switch kind {
		case saidText:
			var value string
			value, said = nextText(said)
			record[types.String(name)] = types.String(value)
		case saidSet:
			var values []types.Value
			values, said = nextSet(said)
			record[types.String(name)] = types.NewSet(values...)
		case saidNothing:
			delete(record, types.String(name))
		default:
			record[types.String(name)] = types.Boolean(kind == saidTrue)
		}
	}
	return record
}

func nextText(said []byte) (text string, rest []byte) {
	length, size := binary.Uvarint(said)
	end := size + int(length)
	return string(said[size:end]), said[end:]
}

func nextSet(said []byte) (values []types.Value, rest []byte) {
	number, size := binary.Uvarint(said)
	values, rest = make([]types.Value, number), said[size:]
	for i := range values {
		var item string
		item, rest = nextText(rest)
		values[i] = types.String(item)
	}
	return values, rest
}
