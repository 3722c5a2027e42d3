package stamp

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"chancery.example/gateway/pkg/stamp/mark"
	"chancery.example/gateway/pkg/stamp/pdf"
)

type task string

const (
	taskStamp task = "stamp"
	taskProbe task = "probe" // the same, but for the output
	taskShow  task = "show"  // draws the pages of a copy: showCopy
)

// job is what the parent asks of the child. It stands before the file, in one anonymous file: eight bytes of length
// (big-endian), the job in JSON, the file.
type job struct {
	Task      task        `json:"task"`
	MediaType string      `json:"mediaType"`
	Mark      mark.Mark   `json:"mark"`
	Limits    mark.Limits `json:"limits"`
	Cache     string      `json:"cache"` // directory of compiled code; empty: none
}

const (
	maxJob    = 1 << 20
	maxAnswer = 1<<20 + 6*pdf.MaxText // of which JSON may write each byte in six
)

func writeJob(w io.Writer, j job) error {
	b, err := json.Marshal(j)
	if err != nil {
		return fmt.Errorf("job: %w", err)
	}
	if len(b) > maxJob {
		return fmt.Errorf("job of %d bytes: the mark is too long", len(b))
	}
	_, err = w.Write(append(binary.BigEndian.AppendUint64(nil, uint64(len(b))), b...))
	return err
}

// readJob gives the job and the file behind it.
func readJob(f *os.File) (job, *io.SectionReader, error) {
	var head [8]byte
	if _, err := f.ReadAt(head[:], 0); err != nil {
		return job{}, nil, fmt.Errorf("job: %w", err)
	}
	n := binary.BigEndian.Uint64(head[:])
	if n > maxJob {
		return job{}, nil, fmt.Errorf("job of %d bytes", n)
	}
	text := make([]byte, n)
	if _, err := f.ReadAt(text, 8); err != nil {
		return job{}, nil, fmt.Errorf("job: %w", err)
	}
	var j job
	if err := json.Unmarshal(text, &j); err != nil {
		return job{}, nil, fmt.Errorf("job: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return job{}, nil, fmt.Errorf("job: %w", err)
	}
	from := 8 + int64(n)
	return j, io.NewSectionReader(f, from, info.Size()-from), nil
}

func writeAnswer(w io.Writer, a mark.Answer) error {
	b, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	_, err = w.Write(binary.BigEndian.AppendUint64(b, uint64(len(b))))
	return err
}

// readAnswer gives the answer and the size of the copy before it.
func readAnswer(f *os.File) (mark.Answer, int64, error) {
	info, err := f.Stat()
	if err != nil {
		return mark.Answer{}, 0, fmt.Errorf("answer: %w", err)
	}
	var tail [8]byte
	if info.Size() < int64(len(tail)) {
		return mark.Answer{}, 0, errors.New("answer: none")
	}
	end := info.Size() - int64(len(tail))
	if _, err := f.ReadAt(tail[:], end); err != nil {
		return mark.Answer{}, 0, fmt.Errorf("answer: %w", err)
	}
	n := binary.BigEndian.Uint64(tail[:])
	if n > maxAnswer || int64(n) > end {
		return mark.Answer{}, 0, fmt.Errorf("answer of %d bytes", n)
	}
	text := make([]byte, n)
	if _, err := f.ReadAt(text, end-int64(n)); err != nil {
		return mark.Answer{}, 0, fmt.Errorf("answer: %w", err)
	}
	var a mark.Answer
	if err := json.Unmarshal(text, &a); err != nil {
		return mark.Answer{}, 0, fmt.Errorf("answer: %w", err)
	}
	return a, end - int64(n), nil
}
