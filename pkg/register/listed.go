package register

import (
	"time"

	"chancery.example/gateway/pkg/article4"
)

// Place is where a record stands in a list.
type Place struct {
	At       time.Time // what the list is in the order of; zero where that is the identifier alone
	ID       string
	Document article4.DocumentID // that the record is about; empty where it is about none, or about others as well
}

// Listed is one line of a list: a record in its place, or why it cannot be read. One that was altered is to keep nobody
// from what stands beside it (decision 0504).
type Listed[T any] struct {
	Place
	Record T     // the zero value where Unread is set
	Unread error // ErrAltered, ErrKeys, or what the sealer says
}

// listed makes the lines of rows, each in its place.
func listed[R, T any](rows []R, to func(R) (T, error), place func(R) Place) []Listed[T] {
	out := make([]Listed[T], len(rows))
	for i, row := range rows {
		out[i].Place = place(row)
		if one, err := to(row); err == nil {
			out[i].Record = one
		} else {
			out[i].Unread = err
		}
	}
	return out
}

// Whole are the records of a list, for whoever needs all of them: the first that cannot be read ends it.
func Whole[T any](lines []Listed[T]) ([]T, error) {
	out := make([]T, len(lines))
	for i, one := range lines {
		if one.Unread != nil {
			return nil, one.Unread
		}
		out[i] = one.Record
	}
	return out, nil
}
