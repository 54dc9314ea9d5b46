/* The decoder of stored records, on any bytes: as they are, and with the checksum they should have,
 * so that what is behind it is reached. The first byte chooses the kind, the next how much is key.
 * What reads well must be written back the same. */
#include "base/check.h"
#include "store/record.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { KINDS_MAX = 32 }; /* so that one more moves none of the seeds */

static bool read_one(enum record_kind kind, struct text key, struct text value, struct arena *arena,
                     struct buffer *again)
{
    struct token_record token;
    struct record_session session;
    struct chat_message message;
    struct session_note note;
    struct secret_record secret;
    struct idempotency_record kept;
    struct budget_record budget;
    struct audit_record audit;
    struct record_audit_head head;
    struct usage_record usage;
    struct text rows;
    struct text id;
    struct log_content content;
    struct history_entry version;
    struct cache_record cached;
    struct canary_record canary;
    struct response_record response;
    struct rollup_sums sums;
    uint32_t names;
    struct webhook_record webhook;
    struct note_record remark;
    struct error err = {0};
    uint32_t format;
    bool good = false;

    switch (kind) {
    case RECORD_FORMAT:
        if ((good = record_get_format(key, value, &format, &err)))
            record_put_format(again, key, format);
        break;
    case RECORD_TOKEN:
        if ((good = record_get_token(key, value, arena, &token, &err)))
            record_put_token(again, key, &token);
        break;
    case RECORD_SESSION:
        if ((good = record_get_session(key, value, &session, &err)))
            record_put_session(again, key, &session);
        break;
    case RECORD_MESSAGE:
        if ((good = record_get_message(key, value, &message, &note, &err)))
            record_put_message(again, key, &message, &note);
        break;
    case RECORD_EXPIRY:
        if ((good = record_get_expiry(key, value, &err)))
            record_put_expiry(again, key);
        break;
    case RECORD_SECRET:
        if ((good = record_get_secret(key, value, &secret, &err)))
            record_put_secret(again, key, &secret);
        break;
    case RECORD_BUDGET:
        if ((good = record_get_budget(key, value, &budget, &err)))
            record_put_budget(again, key, &budget);
        break;
    case RECORD_LEASE:
        if ((good = record_get_lease(key, value, &err)))
            record_put_lease(again, key);
        break;
    case RECORD_AUDIT:
        if ((good = record_get_audit(key, value, &audit, &err)))
            record_put_audit(again, key, &audit);
        break;
    case RECORD_AUDIT_HEAD:
        if ((good = record_get_audit_head(key, value, &head, &err)))
            record_put_audit_head(again, key, &head);
        break;
    case RECORD_USAGE:
        if ((good = record_get_usage(key, value, &usage, &err)))
            record_put_usage(again, key, &usage);
        break;
    case RECORD_ROLLUP:
        if ((good = record_get_rollup(key, value, &sums, &err)))
            record_put_rollup(again, key, &sums);
        break;
    case RECORD_ROLLUP_NAMES:
        if ((good = record_get_rollup_names(key, value, &names, &err)))
            record_put_rollup_names(again, key, names);
        break;
    case RECORD_CONTENT:
        if ((good = record_get_content(key, value, &content, &err)))
            record_put_content(again, key, &content);
        break;
    case RECORD_LOG:
        if ((good = record_get_log(key, value, &rows, &err)))
            record_put_log(again, key, rows);
        break;
    case RECORD_DEPLOYMENT:
        if ((good = record_get_deployment(key, value, &id, &err)))
            record_put_deployment(again, key, id);
        break;
    case RECORD_IDEMPOTENCY:
        if ((good = record_get_idempotency(key, value, arena, &kept, &err)))
            record_put_idempotency(again, key, &kept);
        break;
    case RECORD_IDEMPOTENCY_EXPIRY:
        if ((good = record_get_idempotency_expiry(key, value, &err)))
            record_put_idempotency_expiry(again, key);
        break;
    case RECORD_HISTORY:
        if ((good = record_get_history(key, value, arena, &version, &err)))
            record_put_history(again, key, &version);
        break;
    case RECORD_HISTORY_FILE:
        if ((good = record_get_history_file(key, value, &rows, &err)))
            record_put_history_file(again, key, rows);
        break;
    case RECORD_PIN:
        if ((good = record_get_pin(key, value, &version, &err)))
            record_put_pin(again, key, &version);
        break;
    case RECORD_CACHE:
        if ((good = record_get_cache(key, value, &cached, &err)))
            record_put_cache(again, key, &cached);
        break;
    case RECORD_CACHE_EXPIRY:
        if ((good = record_get_cache_expiry(key, value, &cached, &err)))
            record_put_cache_expiry(again, key, &cached);
        break;
    case RECORD_NOTE:
        if ((good = record_get_note(key, value, &remark, &err)))
            record_put_note(again, key, &remark);
        break;
    case RECORD_WEBHOOK:
        if ((good = record_get_webhook(key, value, &webhook, &err)))
            record_put_webhook(again, key, &webhook);
        break;
    case RECORD_CANARY:
        if ((good = record_get_canary(key, value, &canary, &err)))
            record_put_canary(again, key, &canary);
        break;
    case RECORD_RESPONSE:
        if ((good = record_get_response(key, value, &response, &err)))
            record_put_response(again, key, &response);
        break;
    case RECORD_RESPONSE_EXPIRY:
        if ((good = record_get_response_expiry(key, value, &response, &err)))
            record_put_response_expiry(again, key, &response);
        break;
    }
    CHECK(good == (err.code == ERROR_NONE));
    return good;
}

static void try(enum record_kind kind, struct text key, struct text value)
{
    struct arena arena = {0};
    struct buffer again = buffer_in(&arena), twice = buffer_in(&arena);

    if (read_one(kind, key, value, &arena, &again) &&
        (kind == RECORD_TOKEN || kind == RECORD_USAGE || kind == RECORD_ROLLUP)) {
        /* Flags that are not known are dropped, what older versions left out is written: so what is
         * written back is the same from then on. */
        CHECK(again.len >= value.len);
        CHECK(read_one(kind, key, buffer_text(&again), &arena, &twice));
        CHECK(twice.len == again.len && memcmp(again.at, twice.at, twice.len) == 0);
    } else if (again.len > 0) {
        CHECK(again.len == value.len && memcmp(again.at, value.at, value.len) == 0);
    }
    CHECK(arena.total_bytes <= 65536 + 32 * (value.len + 512));
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum record_kind kinds[KINDS_MAX] = {
        RECORD_FORMAT,
        RECORD_TOKEN,
        RECORD_SESSION,
        RECORD_MESSAGE,
        RECORD_EXPIRY,
        RECORD_SECRET,
        RECORD_BUDGET,
        RECORD_LEASE,
        RECORD_AUDIT,
        RECORD_AUDIT_HEAD,
        RECORD_USAGE,
        RECORD_LOG,
        RECORD_DEPLOYMENT,
        RECORD_CONTENT,
        [16] = RECORD_IDEMPOTENCY,
        [17] = RECORD_IDEMPOTENCY_EXPIRY,
        [18] = RECORD_HISTORY,
        [19] = RECORD_HISTORY_FILE,
        [20] = RECORD_PIN,
        [21] = RECORD_CACHE,
        [22] = RECORD_CACHE_EXPIRY,
        [23] = RECORD_CANARY,
        [24] = RECORD_RESPONSE,
        [25] = RECORD_RESPONSE_EXPIRY,
        [26] = RECORD_ROLLUP,
        [27] = RECORD_ROLLUP_NAMES,
        [28] = RECORD_WEBHOOK,
        [29] = RECORD_NOTE,
    };
    struct text key, value;
    enum record_kind kind;
    char *sealed;
    int64_t expires_ms;

    if (size < 2)
        return 0;
    kind = kinds[data[0] % KINDS_MAX];
    if (kind == 0)
        return 0;
    value = text_after((struct text){(const char *)data, size}, 2);
    key = text_first(value, data[1]);
    value = text_after(value, data[1]);
    try(kind, key, value);
    record_rollup_split(key, &(struct rollup_place){0});
    record_expiry_split(key, &expires_ms, &(struct text){0});
    record_digest_expiry_split(key, &expires_ms, &(struct text){0});
    if (value.len < RECORD_HEAD_BYTES)
        return 0;
    sealed = malloc(value.len);
    CHECK(sealed != NULL);
    memcpy(sealed, value.at, value.len);
    sealed[0] = 1;
    sealed[1] = (char)kind;
    record_seal(key, sealed, value.len);
    try(kind, key, (struct text){sealed, value.len});
    free(sealed);
    return 0;
}
