package sequencer

import "time"

// WordsOf are the words under which the place of an entry has to stand.
var WordsOf = wordsOf

// BehindFor has the store be behind as if it had been away for so long.
func (s *Sequencer) BehindFor(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.health.behind = time.Now().Add(-d)
}
