package invalid

// Tables are the tables of words.
func Tables() []map[Key]words { return []map[Key]words{formWords, valueWords, nameWords} }

// Said are the words of a key as they stand in the table.
func Said(k Key) (name, english, french string) {
	w := wordsOf(k)
	return w.name, w.english, w.french
}
