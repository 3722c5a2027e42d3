-- +goose Up
-- `chanceryd log check` signs in as the sequencer, and asks whether the value behind each commitment is still kept.
GRANT SELECT (entry, field) ON log_detail TO chancery_sequencer;

-- +goose Down
REVOKE SELECT (entry, field) ON log_detail FROM chancery_sequencer;
