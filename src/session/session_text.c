#include "session/session_text.h"

#include "base/clock.h"
#include "document/json_write.h"

/* As RFC 3339, null for 0. */
static void put_time(struct buffer *out, const char *name, int64_t wall_ms)
{
    char when[CLOCK_RFC3339_BYTES];

    json_put_text_or_null(out, name,
                          wall_ms != 0 ? clock_rfc3339(wall_ms, when) : (struct text){0});
}

/* The members of one message; its number counts from 1, from the oldest that is kept. */
static void put_message(struct buffer *out, const struct session_record *session, size_t i)
{
    static const struct session_note unknown;
    const struct chat_message *message = &session->messages[i];
    const struct session_note *note = session->notes != NULL ? &session->notes[i] : &unknown;

    json_put_count(out, "number", i + 1);
    json_put_text(out, "role", text_of(chat_role_name(message->role)));
    json_put_text(out, "content", message->text);
    put_time(out, "stored_at", note->stored_ms);
    if (note->request_id.len > 0)
        json_put_text(out, "request_id", note->request_id);
    if (note->interrupted) {
        json_put_name(out, "interrupted");
        buffer_put(out, TEXT("true"));
    }
    buffer_put_byte(out, '}');
}

static void put_messages(struct buffer *out, const struct session_record *session)
{
    json_put_name(out, "messages");
    buffer_put_byte(out, '[');
    for (size_t i = 0; i < session->message_count; i++) {
        buffer_put(out, i > 0 ? TEXT(",{") : TEXT("{"));
        put_message(out, session, i);
    }
    buffer_put_byte(out, ']');
}

void session_put(struct buffer *out, const struct session_record *session)
{
    buffer_put_byte(out, '{');
    json_put_text(out, "id", session->id);
    json_put_text(out, "object", TEXT("session"));
    if (session->damaged) {
        buffer_put(out, TEXT(",\"damaged\":true}"));
        return;
    }
    json_put_text(out, "endpoint", session->endpoint);
    json_put_text(out, "token_id", session->token_id);
    put_time(out, "created_at", session->created_ms);
    put_time(out, "updated_at", session->updated_ms);
    put_time(out, "expires_at", session->expires_ms);
    json_put_count(out, "revision", session->revision);
    json_put_count(out, "message_count", session->message_count);
    json_put_count(out, "bytes", session->bytes);
    if (session->messages != NULL)
        put_messages(out, session);
    buffer_put_byte(out, '}');
}

void session_put_deleted(struct buffer *out, struct text id)
{
    buffer_put_byte(out, '{');
    json_put_text(out, "id", id);
    json_put_text(out, "object", TEXT("session"));
    buffer_put(out, TEXT(",\"deleted\":true}"));
}

void session_put_lines(struct buffer *out, const struct session_record *session)
{
    for (size_t i = 0; i < session->message_count; i++) {
        buffer_put_byte(out, '{');
        json_put_text(out, "session_id", session->id);
        json_put_text(out, "endpoint", session->endpoint);
        json_put_text(out, "token_id", session->token_id);
        put_message(out, session, i);
        buffer_put_byte(out, '\n');
    }
}
