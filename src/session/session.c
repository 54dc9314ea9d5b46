/* A session is full at its rule's number of messages or estimated tokens. Sliding, the oldest
 * messages are left out of the history, and those beyond the number of messages are dropped from
 * the store; rejecting, nothing is ever left out, and the next turn is refused. */
#include "session/session.h"

enum {
    TURN_MESSAGES = 2,  /* what one turn adds: a question and its answer */
    STORED_MOST = 10000 /* as many as the store keeps, where the rule has no limit */
};

static int64_t tokens_of(const struct chat_message *messages, size_t count)
{
    int64_t tokens = 0;

    for (size_t i = 0; i < count; i++)
        tokens += chat_estimate_tokens(messages[i].text);
    return tokens;
}

static bool is_full(const struct session_rule *rule, const struct session_record *record)
{
    if (rule->max_messages > 0 && record->message_count + TURN_MESSAGES > rule->max_messages)
        return true;
    return rule->max_tokens > 0 &&
           tokens_of(record->messages, record->message_count) >= rule->max_tokens;
}

static bool refuse(struct error *err, enum error_code code, const char *message, const char *hint)
{
    error_set(err, code, NULL, "%s", message);
    if (err != NULL)
        error_hint(err, "%s", hint);
    return false;
}

bool session_admit(const struct session_rule *rule, const struct session_record *record,
                   struct text endpoint, struct text token_id, int64_t now_ms, struct error *err)
{
    /* The store's own words for one that is not there, so that nobody can tell the two apart. */
    if (!text_equal(record->endpoint, endpoint) || !text_equal(record->token_id, token_id))
        return refuse(err, ERROR_SESSION_NOT_FOUND, "there is no such session",
                      "leave session_id out to begin a new session");
    if (record->expires_ms > 0 && now_ms >= record->expires_ms)
        return refuse(err, ERROR_SESSION_EXPIRED, "the session has expired",
                      "leave session_id out to begin a new session");
    if (rule->on_full == SESSION_REJECT && is_full(rule, record))
        return refuse(err, ERROR_SESSION_FULL, "the session has reached its greatest length",
                      "leave session_id out to begin a new session");
    return true;
}

void session_history(const struct session_rule *rule, const struct session_record *record,
                     size_t coming, const struct chat_message **out_messages, size_t *out_count)
{
    size_t room = SIZE_MAX, from = record->message_count;
    int64_t tokens = 0;

    if (rule->max_messages > 0)
        room = coming < rule->max_messages ? rule->max_messages - coming : 0;
    while (from > 0 && record->message_count - from < room) {
        tokens += chat_estimate_tokens(record->messages[from - 1].text);
        if (rule->max_tokens > 0 && tokens > rule->max_tokens)
            break;
        from--;
    }
    while (from < record->message_count && record->messages[from].role == CHAT_ASSISTANT)
        from++;
    *out_count = record->message_count - from;
    *out_messages = *out_count > 0 ? record->messages + from : NULL;
}

static int64_t expiry(int64_t now_ms, uint64_t ttl_ms)
{
    return ttl_ms > (uint64_t)(INT64_MAX - now_ms) ? INT64_MAX : now_ms + (int64_t)ttl_ms;
}

static size_t kept(const struct session_rule *rule)
{
    if (rule->on_full == SESSION_REJECT)
        return 0;
    return rule->max_messages > 0 && rule->max_messages < STORED_MOST ? rule->max_messages
                                                                      : STORED_MOST;
}

struct store_command *session_append(const struct session_rule *rule,
                                     const struct session_record *record, struct text id,
                                     struct text endpoint, struct text token_id,
                                     const struct chat_message *turn, size_t turn_count,
                                     int64_t now_ms)
{
    struct store_command *command = store_command_new(STORE_SESSION_APPEND);
    struct arena *arena = &command->arena;
    struct chat_message *messages = ARENA_ARRAY(arena, struct chat_message, turn_count);

    for (size_t i = 0; i < turn_count; i++)
        messages[i] =
            (struct chat_message){.role = turn[i].role, .text = arena_copy(arena, turn[i].text)};
    command->session = (struct session_record){
        .id = arena_copy(arena, record != NULL ? record->id : id),
        .endpoint = arena_copy(arena, endpoint),
        .token_id = arena_copy(arena, token_id),
        .created_ms = record != NULL ? record->created_ms : now_ms,
        .expires_ms = expiry(now_ms, rule->ttl_ms),
        .revision = record != NULL ? record->revision : 0,
        .messages = messages,
        .message_count = turn_count,
    };
    command->keep_messages = kept(rule);
    return command;
}
