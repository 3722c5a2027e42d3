package vault

import "errors"

// The kinds of error, to be told apart with errors.Is. An error of Intake.Accept is returned wrapped as it is.
var (
	// ErrInvalid: the caller left a field out or asked for bytes outside the document.
	ErrInvalid = errors.New("invalid")
	// ErrRefused: the receipt does not admit this reading. No byte was asked of the store.
	ErrRefused = errors.New("refused by receipt")
	// ErrTampered: what is stored is not what was sealed: absent, cut, exchanged or altered, or a key of another
	// document.
	ErrTampered = errors.New("sealed content is damaged")
	// ErrUnavailable: the store cannot be reached, does not answer in time, or does not admit us.
	ErrUnavailable = errors.New("storage unavailable")
	// ErrKeys: the organisation's keyset is absent or unusable.
	ErrKeys = errors.New("keys unavailable")
	// ErrContent: reading what the depositor sends failed; the store and the keys are not at fault.
	ErrContent = errors.New("reading the content failed")
	// ErrTooLarge: more bytes than Intake.MaxSize.
	ErrTooLarge = errors.New("content too large")
	// ErrEmpty: not one byte.
	ErrEmpty = errors.New("content empty")
	// ErrSizeMismatch: more or fewer bytes came than were declared.
	ErrSizeMismatch = errors.New("content differs from its declared size")
)
