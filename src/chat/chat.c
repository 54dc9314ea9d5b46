#include "chat/chat.h"

#include "document/json_write.h"

static const char *const roles[CHAT_ROLE_COUNT] = {"system", "user", "assistant", "tool"};
static const char *const finishes[CHAT_FINISH_COUNT] = {"", "stop", "length", "tool_calls",
                                                        "content_filter"};
static const char *const params[CHAT_PARAM_COUNT] = {
#define X(name, word, type, least, greatest) word,
    CHAT_PARAMS(X)
#undef X
};

const char *chat_role_name(enum chat_role role)
{
    return roles[role];
}

const char *chat_finish_name(enum chat_finish finish)
{
    return finishes[finish];
}

const char *chat_purpose_name(enum chat_purpose purpose)
{
    static const char *const names[CHAT_PURPOSE_COUNT] = {"", "document", "query", "classification",
                                                          "clustering"};

    return names[purpose];
}

const char *chat_param_name(enum chat_param param)
{
    return params[param];
}

bool chat_role_parse(struct text name, enum chat_role *out_role)
{
    for (int role = 0; role < CHAT_ROLE_COUNT; role++)
        if (text_equal(name, text_of(roles[role]))) {
            *out_role = (enum chat_role)role;
            return true;
        }
    return false;
}

struct chat_event *chat_events_add(struct chat_events *events, struct arena *arena,
                                   enum chat_event_type type)
{
    enum { ROOM = 4 };
    struct chat_event *event;

    if (events->count == events->room) {
        size_t room = events->room > 0 ? events->room * 2 : ROOM;

        events->items = arena_grow(arena, events->items, events->room * sizeof *events->items,
                                   room * sizeof *events->items);
        events->room = room;
    }
    event = &events->items[events->count++];
    *event = (struct chat_event){.type = type};
    return event;
}

/* Whether the eight bytes there are ASCII: most text is, and every prompt is looked at. */
static bool eight_ascii(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof word);
    return (word & UINT64_C(0x8080808080808080)) == 0;
}

int64_t chat_estimate_tokens(struct text text)
{
    size_t points = 0, wide = 0, i = 0;

    while (i < text.len) {
        if (text.len - i >= 8 && eight_ascii(text.at + i)) {
            points += 8;
            i += 8;
            continue;
        }
        points += ((unsigned char)text.at[i] & 0xC0) != 0x80;
        wide += (unsigned char)text.at[i] >= 0xC0;
        i++;
    }
    return (int64_t)(wide * 4 > points ? (points + 1) / 2 : (text.len + 3) / 4);
}

int64_t chat_estimate_parts(const struct chat_part *parts, size_t count)
{
    int64_t tokens = 0;

    for (size_t i = 0; i < count; i++) {
        if (parts[i].type == CHAT_IMAGE) {
            tokens += CHAT_IMAGE_TOKENS;
            continue;
        }
        tokens += chat_estimate_tokens(parts[i].text);
        if (parts[i].type == CHAT_CALL)
            tokens += chat_estimate_tokens(parts[i].name);
    }
    return tokens;
}

int64_t chat_estimate_message(const struct chat_message *message)
{
    return message->parts != NULL ? chat_estimate_parts(message->parts, message->part_count)
                                  : chat_estimate_tokens(message->text);
}

int64_t chat_estimate_tools(const struct chat_tool *tools, size_t count)
{
    struct buffer json = {0};
    int64_t tokens = 0;

    for (size_t i = 0; i < count; i++) {
        tokens += chat_estimate_tokens(tools[i].name) + chat_estimate_tokens(tools[i].description);
        json.len = 0;
        if (tools[i].parameters != NULL)
            json_put_cell(&json, tools[i].parameters, tools[i].parameters_at);
        tokens += chat_estimate_tokens(buffer_text(&json));
    }
    buffer_release(&json);
    return tokens;
}

int64_t chat_estimate(const struct chat *chat)
{
    int64_t tokens = chat_estimate_tools(chat->tools, chat->tool_count);

    for (size_t i = 0; i < chat->message_count; i++)
        tokens += chat_estimate_message(&chat->messages[i]);
    return tokens;
}
