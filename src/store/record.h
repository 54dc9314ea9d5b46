/* store/record.h
 * The bytes of one stored value, and of the keys. Every value begins with a format version, a kind
 * and a CRC-32 over its key and everything else in it, so that a flipped bit, a value under the
 * wrong key and a value in the wrong table are all noticed: ERROR_RECORD_DAMAGED, never wrong data.
 *
 * Reading takes foreign bytes of any kind and length. What is read borrows from the value's bytes;
 * only arrays come from the arena. */
#pragma once
#include "base/buffer.h"
#include "store/store.h"

enum record_kind {
    RECORD_FORMAT = 'F',
    RECORD_TOKEN = 'T',
    RECORD_SESSION = 'S',
    RECORD_MESSAGE = 'M',
    RECORD_EXPIRY = 'E',
    RECORD_SECRET = 'K',
    RECORD_BUDGET = 'B',
    RECORD_LEASE = 'L',
    RECORD_AUDIT = 'A',
    RECORD_AUDIT_HEAD = 'H',
    RECORD_USAGE = 'U',
    RECORD_LOG = 'R',
    RECORD_DEPLOYMENT = 'D',
    RECORD_CONTENT = 'C',
    RECORD_IDEMPOTENCY = 'I',
    RECORD_IDEMPOTENCY_EXPIRY = 'J',
    RECORD_HISTORY = 'V',
    RECORD_HISTORY_FILE = 'W',
    RECORD_PIN = 'P',
    RECORD_CACHE = 'Y',
    RECORD_CACHE_EXPIRY = 'Z',
    RECORD_CANARY = 'N',
    RECORD_RESPONSE = 'O',
    RECORD_RESPONSE_EXPIRY = 'Q',
    RECORD_ROLLUP = 'G',
    RECORD_ROLLUP_NAMES = 'g',
    RECORD_WEBHOOK = 'X',
    RECORD_NOTE = 'n',
};

enum {
    RECORD_SESSION_ID_BYTES = 4 + 26,
    RECORD_NUMBERED_KEY_BYTES = RECORD_SESSION_ID_BYTES + 8,
    RECORD_AUDIT_KEY_BYTES = 8,
    RECORD_DIGEST_EXPIRY_BYTES = 8 + IDEMPOTENCY_DIGEST_BYTES,
    RECORD_HEAD_BYTES = 6,
    RECORD_DAY_BYTES = 10,
    RECORD_USAGE_TOKEN_BYTES = RECORD_DAY_BYTES + 8,
    RECORD_USAGE_KEY_BYTES = RECORD_USAGE_TOKEN_BYTES + 16,
    RECORD_LOG_KEY_BYTES = 16,
    RECORD_CONTENT_KEY_BYTES_MAX = 8 + LOG_REQUEST_ID_BYTES_MAX,
    RECORD_HISTORY_KEY_BYTES_MAX = HISTORY_SLUG_BYTES_MAX + 1 + 8,
    RECORD_HISTORY_FILE_KEY_BYTES_MAX = HISTORY_SLUG_BYTES_MAX + 1 + HISTORY_DIGEST_BYTES,
    RECORD_CANARY_KEY_BYTES_MAX = CANARY_ENDPOINT_BYTES_MAX + 1 + CANARY_DIGEST_BYTES,
    RECORD_ROLLUP_KEY_BYTES_MAX = 6 + 2 * ROLLUP_NAME_BYTES_MAX + 1,
    RECORD_WEBHOOK_KEY_BYTES_MAX = 1 + WEBHOOK_NAME_BYTES_MAX + 1 + 8 + WEBHOOK_ID_BYTES,
    RECORD_NOTE_KEY_BYTES = 8 + NOTE_ID_BYTES,
    RECORD_SCOPES_MAX = 4096,
    RECORD_SESSION_MESSAGES_MAX = 10000
};

/* A session without its messages, which are records of their own numbered first ... next - 1. */
struct record_session {
    struct text endpoint, token_id;
    int64_t created_ms, expires_ms;
    uint64_t revision;
    uint64_t first, next;
    uint64_t bytes;     /* of all its message values */
    int64_t updated_ms; /* 0: not known */
};

/* Session id and number, big-endian, so that a session's messages lie together in order. */
void record_message_key(struct text session_id, uint64_t number,
                        unsigned char out[RECORD_NUMBERED_KEY_BYTES]);
/* Time and session id, so that what expires first comes first. The time is not negative. */
void record_expiry_key(int64_t expires_ms, struct text session_id,
                       unsigned char out[RECORD_NUMBERED_KEY_BYTES]);
/* Takes an expiry key apart; false when it cannot be one. The id is borrowed from the key. */
bool record_expiry_split(struct text key, int64_t *out_expires_ms, struct text *out_session_id);
/* The same of what is kept under an Idempotency-Key, of cached answers and of responses, by their
 * digests; gives `out` as a text. */
struct text record_digest_expiry(int64_t expires_ms, struct text digest,
                                 unsigned char out[RECORD_DIGEST_EXPIRY_BYTES]);
bool record_digest_expiry_split(struct text expiry, int64_t *out_expires_ms,
                                struct text *out_digest);

/* Where the audit log begins and ends, in `meta`. */
struct record_audit_head {
    struct audit_head ends;
    unsigned char seal[AUDIT_HASH_BYTES];
};

/* A record's number, big-endian. */
void record_audit_key(uint64_t sequence, unsigned char out[RECORD_AUDIT_KEY_BYTES]);
/* Day, digest of the token's id, digest of all names; the first RECORD_USAGE_TOKEN_BYTES are what
 * one token's records of a day have in common. */
void record_usage_key(const struct usage_record *usage, unsigned char out[RECORD_USAGE_KEY_BYTES]);
/* Where a roll-up stands; with `counts_names` a number instead: of the names of the kind that the
 * bucket has, in that group or, with an empty one, in all of them, or of groups. */
struct rollup_place {
    enum rollup_step step;
    int64_t bucket; /* where it begins, in minutes */
    enum rollup_kind kind;
    bool counts_names;
    struct text group, name;
};
/* Step, bucket, kind, then the group and a zero byte where there is one, and the name: what is
 * written in one minute lies together in three places. Names that are too long are cut. */
struct text record_rollup_key(const struct rollup_place *place,
                              unsigned char out[RECORD_ROLLUP_KEY_BYTES_MAX]);
/* Takes such a key apart, borrowing from it; false when it cannot be one. */
bool record_rollup_split(struct text key, struct rollup_place *out);
/* Time and number, so that what was written first is first. */
void record_log_key(int64_t wall_ms, uint64_t number, unsigned char out[RECORD_LOG_KEY_BYTES]);
/* Takes such a key apart; false when it cannot be one. */
bool record_log_split(struct text key, int64_t *out_wall_ms, uint64_t *out_number);
/* The number of a key of that length. */
uint64_t record_audit_number(struct text key);

/* When it expires, and the id of its request: what expires first is first. An id that is too long
 * is cut, so that it names nothing. */
struct text record_content_key(int64_t expires_ms, struct text request_id,
                               unsigned char out[RECORD_CONTENT_KEY_BYTES_MAX]);
bool record_content_split(struct text key, int64_t *out_expires_ms, struct text *out_request_id);

/* Slug, a zero byte and the number, so that an endpoint's versions lie together in order. A slug
 * that is too long is cut, so that it names nothing. */
struct text record_history_key(struct text slug, uint64_t number,
                               unsigned char out[RECORD_HISTORY_KEY_BYTES_MAX]);
bool record_history_split(struct text key, struct text *out_slug, uint64_t *out_number);
/* Slug, a zero byte and the digest of a file's bytes: each content once for each endpoint. */
struct text record_history_file_key(struct text slug,
                                    const unsigned char digest[HISTORY_DIGEST_BYTES],
                                    unsigned char out[RECORD_HISTORY_FILE_KEY_BYTES_MAX]);
bool record_history_file_split(struct text key, struct text *out_slug, struct text *out_digest);

/* Endpoint, a zero byte and the digest of the rule. An endpoint's name that is too long is cut, so
 * that it names nothing. */
struct text record_canary_key(struct text endpoint, const unsigned char digest[CANARY_DIGEST_BYTES],
                              unsigned char out[RECORD_CANARY_KEY_BYTES_MAX]);

/* When it was made, and its id, so that the newest is the last. */
struct text record_note_key(const struct note_record *note,
                            unsigned char out[RECORD_NOTE_KEY_BYTES]);
/* State, receiver, a zero byte, time and id of the event. Names that are too long are cut, so that
 * they name nothing. */
struct text record_webhook_key(const struct webhook_record *webhook,
                               unsigned char out[RECORD_WEBHOOK_KEY_BYTES_MAX]);
/* Takes such a key apart, borrowing from it; false when it is none. */
bool record_webhook_split(struct text key, struct webhook_record *out);
/* What the keys of a receiver's begin with, or, where it is empty, those of all receivers. */
struct text record_webhook_begin(enum webhook_state state, struct text webhook,
                                 unsigned char out[RECORD_WEBHOOK_KEY_BYTES_MAX]);

/* Append one value to `out`. */
void record_put_format(struct buffer *out, struct text key, uint32_t format);
void record_put_token(struct buffer *out, struct text key, const struct token_record *token);
void record_put_session(struct buffer *out, struct text key, const struct record_session *session);
void record_put_message(struct buffer *out, struct text key, const struct chat_message *message,
                        const struct session_note *note);
void record_put_expiry(struct buffer *out, struct text key);
void record_put_secret(struct buffer *out, struct text key, const struct secret_record *secret);
void record_put_budget(struct buffer *out, struct text key, const struct budget_record *budget);
void record_put_lease(struct buffer *out, struct text key);
void record_put_usage(struct buffer *out, struct text key, const struct usage_record *usage);
void record_put_rollup(struct buffer *out, struct text key, const struct rollup_sums *sums);
void record_put_rollup_names(struct buffer *out, struct text key, uint32_t names);
void record_put_log(struct buffer *out, struct text key, struct text rows);
void record_put_deployment(struct buffer *out, struct text key, struct text token_id);
void record_put_content(struct buffer *out, struct text key, const struct log_content *content);
/* `key` is record->key. */
void record_put_idempotency(struct buffer *out, struct text key,
                            const struct idempotency_record *record);
void record_put_idempotency_expiry(struct buffer *out, struct text key);
void record_put_cache(struct buffer *out, struct text key, const struct cache_record *record);
void record_put_cache_expiry(struct buffer *out, struct text key,
                             const struct cache_record *record);

void record_put_response(struct buffer *out, struct text key, const struct response_record *record);
void record_put_response_expiry(struct buffer *out, struct text key,
                                const struct response_record *record);
void record_put_canary(struct buffer *out, struct text key, const struct canary_record *canary);
void record_put_note(struct buffer *out, struct text key, const struct note_record *note);
/* What is not in the key. */
void record_put_webhook(struct buffer *out, struct text key, const struct webhook_record *webhook);
void record_put_history(struct buffer *out, struct text key, const struct history_entry *entry);
void record_put_history_file(struct buffer *out, struct text key, struct text bytes);
/* What a slug's pin says: entry->number and entry->replaced. */
void record_put_pin(struct buffer *out, struct text key, const struct history_entry *entry);

void record_put_audit(struct buffer *out, struct text key, const struct audit_record *record);
/* Only what its hash is over. */
void record_put_audit_said(struct buffer *out, const struct audit_record *record);
void record_put_audit_head(struct buffer *out, struct text key,
                           const struct record_audit_head *head);

/* Writes into a value of at least RECORD_HEAD_BYTES the checksum it should have; for tests that
 * damage what is behind the checksum. */
void record_seal(struct text key, char *value, size_t len);

/* Read one value; false with ERROR_RECORD_DAMAGED. */
bool record_get_format(struct text key, struct text value, uint32_t *out, struct error *err);
/* token->id is the key, borrowed. */
bool record_get_token(struct text key, struct text value, struct arena *arena,
                      struct token_record *out, struct error *err);
bool record_get_session(struct text key, struct text value, struct record_session *out,
                        struct error *err);
bool record_get_message(struct text key, struct text value, struct chat_message *out,
                        struct session_note *out_note, struct error *err);
bool record_get_expiry(struct text key, struct text value, struct error *err);
/* secret->name is the key, borrowed. */
bool record_get_secret(struct text key, struct text value, struct secret_record *out,
                       struct error *err);
/* budget->key is the key, borrowed. */
bool record_get_budget(struct text key, struct text value, struct budget_record *out,
                       struct error *err);
bool record_get_lease(struct text key, struct text value, struct error *err);
/* Whether it stands in its place in the chain is not looked at. */
bool record_get_audit(struct text key, struct text value, struct audit_record *out,
                      struct error *err);
bool record_get_audit_head(struct text key, struct text value, struct record_audit_head *out,
                           struct error *err);
bool record_get_usage(struct text key, struct text value, struct usage_record *out,
                      struct error *err);
bool record_get_rollup(struct text key, struct text value, struct rollup_sums *out,
                       struct error *err);
bool record_get_rollup_names(struct text key, struct text value, uint32_t *out, struct error *err);
/* All rows are whole. */
bool record_get_log(struct text key, struct text value, struct text *out_rows, struct error *err);
bool record_get_deployment(struct text key, struct text value, struct text *out_token_id,
                           struct error *err);
/* What is in the key is borrowed from there. */
bool record_get_content(struct text key, struct text value, struct log_content *out,
                        struct error *err);
bool record_get_idempotency(struct text key, struct text value, struct arena *arena,
                            struct idempotency_record *out, struct error *err);
bool record_get_idempotency_expiry(struct text key, struct text value, struct error *err);
bool record_get_cache(struct text key, struct text value, struct cache_record *out,
                      struct error *err);
/* Whose it is; the rest is zeroed. */
bool record_get_cache_expiry(struct text key, struct text value, struct cache_record *out,
                             struct error *err);
bool record_get_response(struct text key, struct text value, struct response_record *out,
                         struct error *err);
/* Whose it is; the rest is zeroed. */
bool record_get_response_expiry(struct text key, struct text value, struct response_record *out,
                                struct error *err);
bool record_get_canary(struct text key, struct text value, struct canary_record *out,
                       struct error *err);
bool record_get_note(struct text key, struct text value, struct note_record *out,
                     struct error *err);
bool record_get_webhook(struct text key, struct text value, struct webhook_record *out,
                        struct error *err);
/* Slug and number are those of the key, of a damaged one too; whether it is pinned is not known
 * here. Its files are in the arena, without their bytes. */
bool record_get_history(struct text key, struct text value, struct arena *arena,
                        struct history_entry *out, struct error *err);
/* The bytes have the digest that is in the key. */
bool record_get_history_file(struct text key, struct text value, struct text *out_bytes,
                             struct error *err);
bool record_get_pin(struct text key, struct text value, struct history_entry *out,
                    struct error *err);
/* The same failure for a value that should be there and is not. */
bool record_missing(enum record_kind kind, struct text key, struct error *err);
