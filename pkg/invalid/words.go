package invalid

// words are what is said of a fault: the name in its code, and a sentence in each language whose subject is the field.
// Each %s is one argument of the fault, in the same order in both languages.
//
// French is set as in print: U+2019 for the apostrophe, U+202F before ; ? and !, U+00A0 before : and inside « », and
// names and values of the API stand in « ».
type words struct {
	name            string
	english, french string
}

// Keys lists every key, in the order of the table.
func Keys() []Key {
	all := make([]Key, 0, keys)
	for k := Key(1); k < keys; k++ {
		all = append(all, k)
	}
	return all
}

// wordsOf finds the words of a key: each stands in one of the three tables.
func wordsOf(k Key) words {
	for _, table := range []map[Key]words{formWords, valueWords, nameWords} {
		if w, ok := table[k]; ok {
			return w
		}
	}
	return words{name: "invalid", english: "is not accepted", french: "n’est pas admis"}
}
