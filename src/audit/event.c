#include "audit/event.h"

#include "base/check.h"
#include "document/utf8.h"

static const char *const action_words[] = {
#define X(name, word) [AUDIT_##name] = word,
    AUDIT_ACTIONS(X)
#undef X
};

static const char *const actor_words[AUDIT_ACTOR_COUNT] = {
    [AUDIT_BY_SYSTEM] = "system", [AUDIT_BY_OWNER] = "owner",     [AUDIT_BY_ADMIN] = "admin",
    [AUDIT_BY_TOKEN] = "token",   [AUDIT_BY_UNKNOWN] = "unknown",
};

const char *audit_action_word(enum audit_action action)
{
    CHECK(action < AUDIT_ACTION_COUNT);
    return action_words[action];
}

const char *audit_actor_word(enum audit_actor actor)
{
    CHECK(actor < AUDIT_ACTOR_COUNT);
    return actor_words[actor];
}

bool audit_action_is(struct text action, struct text kind)
{
    return text_starts(action, kind) && (action.len == kind.len || action.at[kind.len] == '.');
}

/* What clients chose may be part of it: an object that was asked for, an id of a request. */
static struct text printable(struct arena *arena, struct text text)
{
    struct text copy = arena_copy(arena, text_first(text, AUDIT_TEXT_BYTES_MAX));
    char *at = (char *)(uintptr_t)copy.at;
    size_t i = 0;

    while (i < copy.len) {
        size_t bytes = (unsigned char)at[i] < 0x80 ? 1 : utf8_sequence(text_after(copy, i));

        if (bytes == 0 || (bytes == 1 && (at[i] < ' ' || at[i] == 0x7f)))
            at[i] = '?';
        i += bytes == 0 ? 1 : bytes;
    }
    return copy;
}

struct text audit_details(const struct audit_event *event)
{
    return event->details.len <= AUDIT_DETAIL_BYTES_MAX ? event->details
                                                        : TEXT("{\"left_out\":\"too long\"}");
}

struct audit_event *audit_event_copy(struct arena *arena, const struct audit_event *event)
{
    struct audit_event *copy = ARENA_NEW(arena, struct audit_event);

    *copy = *event;
    copy->actor_id = printable(arena, event->actor_id);
    copy->peer = printable(arena, event->peer);
    copy->object = printable(arena, event->object);
    copy->outcome = event->outcome.len > 0 ? printable(arena, event->outcome) : TEXT("ok");
    copy->request_id = printable(arena, event->request_id);
    copy->details = arena_copy(arena, audit_details(event));
    return copy;
}
