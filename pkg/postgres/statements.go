package postgres

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"gorm.io/gorm"
	gormlogger "gorm.io/gorm/logger"
)

// slowStatement is how long a statement may take before it is worth a line.
const slowStatement = 500 * time.Millisecond

// statements writes gorm's events into the operations log: the statement with its placeholders, never a value, and of
// an error only its SQLSTATE and constraint, because the text may repeat a value.
type statements struct{ logger *slog.Logger }

func (s statements) LogMode(gormlogger.LogLevel) gormlogger.Interface { return s }

func (s statements) Info(context.Context, string, ...any) {}

func (s statements) Warn(context.Context, string, ...any) {}

// Error takes messages about gorm itself; their arguments are left out, a value may be among them.
func (s statements) Error(ctx context.Context, message string, _ ...any) {
	s.logger.ErrorContext(ctx, "gorm", slog.String("message", message))
}

// ParamsFilter drops every value before a statement is written anywhere (gorm.ParamsFilter).
func (s statements) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) {
	return sql, nil
}

func (s statements) Trace(ctx context.Context, begin time.Time, statement func() (string, int64), err error) {
	took := time.Since(begin)
	switch {
	case err != nil && !errors.Is(err, gorm.ErrRecordNotFound) && !errors.Is(err, context.Canceled):
		sql, _ := statement()
		s.logger.DebugContext(ctx, "statement failed", slog.String("sql", sql), slog.Duration("took", took),
			slog.String("sqlstate", state(err)), slog.String("constraint", Constraint(err)))
	case took > slowStatement:
		sql, rows := statement()
		s.logger.WarnContext(ctx, "statement slow", slog.String("sql", sql), slog.Duration("took", took),
			slog.Int64("rows", rows))
	}
}
