/* Sessions and their messages, as keys and bytes. */
#include "store/record_io.h"

#include "base/check.h"

enum { FLAG_INTERRUPTED = 1 };

void record_message_key(struct text session_id, uint64_t number,
                        unsigned char out[RECORD_NUMBERED_KEY_BYTES])
{
    CHECK(session_id.len == RECORD_SESSION_ID_BYTES);
    memcpy(out, session_id.at, RECORD_SESSION_ID_BYTES);
    record_key_number(out + RECORD_SESSION_ID_BYTES, number);
}

void record_put_session(struct buffer *out, struct text key, const struct record_session *session)
{
    size_t at = record_begin(out, RECORD_SESSION);

    record_put_text(out, session->endpoint);
    record_put_text(out, session->token_id);
    record_put_number(out, (uint64_t)session->created_ms, 8);
    record_put_number(out, (uint64_t)session->expires_ms, 8);
    record_put_number(out, session->revision, 8);
    record_put_number(out, session->first, 8);
    record_put_number(out, session->next, 8);
    record_put_number(out, session->bytes, 8);
    if (session->updated_ms != 0)
        record_put_number(out, (uint64_t)session->updated_ms, 8);
    record_finish(out, at, key);
}

/* A note is left out where there is none, as in what versions without notes stored. */
void record_put_message(struct buffer *out, struct text key, const struct chat_message *message,
                        const struct session_note *note)
{
    size_t at = record_begin(out, RECORD_MESSAGE);

    record_put_number(out, (uint64_t)message->role, 1);
    record_put_text(out, message->text);
    if (note != NULL && note->stored_ms != 0) {
        record_put_number(out, (uint64_t)note->stored_ms, 8);
        record_put_number(out, note->interrupted ? FLAG_INTERRUPTED : 0, 1);
        record_put_text(out, note->request_id);
    }
    record_finish(out, at, key);
}

void record_put_expiry(struct buffer *out, struct text key)
{
    record_finish(out, record_begin(out, RECORD_EXPIRY), key);
}

bool record_get_session(struct text key, struct text value, struct record_session *out,
                        struct error *err)
{
    struct payload payload;

    if (!payload_open(RECORD_SESSION, key, value, &payload, err))
        return false;
    out->endpoint = payload_text(&payload);
    out->token_id = payload_text(&payload);
    out->created_ms = (int64_t)payload_number(&payload, 8);
    out->expires_ms = (int64_t)payload_number(&payload, 8);
    out->revision = payload_number(&payload, 8);
    out->first = payload_number(&payload, 8);
    out->next = payload_number(&payload, 8);
    out->bytes = payload_number(&payload, 8);
    out->updated_ms = 0;
    if (payload.left > 0 && (out->updated_ms = (int64_t)payload_number(&payload, 8)) == 0)
        return record_damaged(RECORD_SESSION, key, "it was changed at no time", err);
    if (out->first > out->next || out->next - out->first > RECORD_SESSION_MESSAGES_MAX)
        return record_damaged(RECORD_SESSION, key, "its message numbers make no sense", err);
    return payload_close(&payload, RECORD_SESSION, key, err);
}

static bool get_note(struct payload *payload, struct text key, struct session_note *out,
                     struct error *err)
{
    uint64_t flags;

    *out = (struct session_note){0};
    if (payload->left == 0)
        return true;
    out->stored_ms = (int64_t)payload_number(payload, 8);
    flags = payload_number(payload, 1);
    out->interrupted = flags == FLAG_INTERRUPTED;
    out->request_id = payload_text(payload);
    if (out->stored_ms == 0 || flags > FLAG_INTERRUPTED)
        return record_damaged(RECORD_MESSAGE, key, "its note makes no sense", err);
    return true;
}

bool record_get_message(struct text key, struct text value, struct chat_message *out,
                        struct session_note *out_note, struct error *err)
{
    struct payload payload;
    uint64_t role;

    if (!payload_open(RECORD_MESSAGE, key, value, &payload, err))
        return false;
    role = payload_number(&payload, 1);
    if (role >= CHAT_ROLE_COUNT)
        return record_damaged(RECORD_MESSAGE, key, "its role is not known", err);
    *out = (struct chat_message){.role = (enum chat_role)role, .text = payload_text(&payload)};
    if (!get_note(&payload, key, out_note, err))
        return false;
    return payload_close(&payload, RECORD_MESSAGE, key, err);
}

bool record_get_expiry(struct text key, struct text value, struct error *err)
{
    struct payload payload;

    return payload_open(RECORD_EXPIRY, key, value, &payload, err) &&
           payload_close(&payload, RECORD_EXPIRY, key, err);
}
