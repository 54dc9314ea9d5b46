/* Mistral: Chat Completions with other names for some things and no patience with what it does not
 * know. Answers, streams and errors are read as OpenAI's are (openai_read.c), with the thoughts in
 * parts of the content. */
#include "document/json_write.h"
#include "provider/openai.h"
#include "provider/openai_model.h"
#include "provider/param.h"
#include "provider/turn.h"
#include "provider/wire.h"

/* --- ids of calls
 * ------------------------------------------------------------------------------------ */

enum { ID_BYTES = 9 };

static bool id_fits(struct text id)
{
    for (size_t i = 0; i < id.len; i++) {
        char byte = id.at[i];

        if (!((byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
              (byte >= 'a' && byte <= 'z')))
            return false;
    }
    return id.len == ID_BYTES;
}

/* Some models take ids of just nine letters and digits: others' become such, always the same for
 * the same (by FNV-1a), so that a call and its result still belong together. */
static struct text id_of(struct text id, struct arena *arena)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    uint64_t hash = 0xCBF29CE484222325u;
    char *made;

    if (id_fits(id))
        return id;
    for (size_t i = 0; i < id.len; i++)
        hash = (hash ^ (unsigned char)id.at[i]) * 0x100000001B3u;
    made = arena_alloc(arena, ID_BYTES);
    for (size_t i = 0; i < ID_BYTES; i++, hash /= 62)
        made[i] = digits[hash % 62];
    return (struct text){made, ID_BYTES};
}

/* --- messages
 * ---------------------------------------------------------------------------------------- */

/* All that is said by the system, in one message: some models take it in front only. */
static struct text system_text(const struct chat *chat, struct text instruction,
                               struct arena *arena)
{
    struct buffer text = buffer_in(arena);

    turn_put_system(&text, chat);
    turn_put_paragraph(&text, instruction);
    return buffer_text(&text);
}

static bool is_thought(const struct chat_part *part)
{
    return part->type == CHAT_REASONING && part->state_of != NULL &&
           strcmp(part->state_of, dialect_mistral.name) == 0 && part->state.len >= 2 &&
           part->state.at[0] == '{';
}

static bool has_thoughts(const struct chat_message *message)
{
    for (size_t i = 0; i < message->part_count; i++)
        if (is_thought(&message->parts[i]))
            return true;
    return false;
}

static void put_thought(struct buffer *body, const struct chat_part *part)
{
    buffer_put(body, TEXT("{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\""));
    json_put_text(body, "text", part->text);
    buffer_put(body, TEXT("}],\"closed\":true"));
    if (part->state.len > 2) {
        buffer_put_byte(body, ',');
        buffer_put(body, (struct text){part->state.at + 1, part->state.len - 2});
    }
    buffer_put_byte(body, '}');
}

static void put_thinking_content(struct buffer *body, const struct chat_message *message)
{
    buffer_put_byte(body, '[');
    for (size_t i = 0; i < message->part_count; i++) {
        const struct chat_part *part = &message->parts[i];
        bool text = part->type == CHAT_TEXT && part->text.len > 0;

        if (!text && !is_thought(part))
            continue;
        if (body->at[body->len - 1] != '[')
            buffer_put_byte(body, ',');
        if (!text) {
            put_thought(body, part);
            continue;
        }
        buffer_put(body, TEXT("{\"type\":\"text\""));
        json_put_text(body, "text", part->text);
        buffer_put_byte(body, '}');
    }
    buffer_put_byte(body, ']');
}

static void put_assistant(struct buffer *body, const struct chat_message *message, bool last,
                          struct arena *arena)
{
    struct chat_part *parts = ARENA_ARRAY(arena, struct chat_part, message->part_count);
    struct chat_message renamed = *message;

    json_put_name(body, "content");
    if (has_thoughts(message))
        put_thinking_content(body, message);
    else
        json_put_string(body, message->text);
    if (openai_call_count(message) > 0) {
        for (size_t i = 0; i < message->part_count; i++) {
            parts[i] = message->parts[i];
            parts[i].id = id_of(parts[i].id, arena);
        }
        renamed.parts = parts;
        openai_put_calls(body, &renamed);
    } else if (last) {
        buffer_put(body, TEXT(",\"prefix\":true")); /* to be gone on with */
    }
}

/* The name of the tool that was called so. */
static struct text name_of(const struct chat *chat, const struct chat_part *result)
{
    for (size_t i = 0; i < chat->message_count && result->name.len == 0; i++)
        for (size_t at = 0; at < chat->messages[i].part_count; at++) {
            const struct chat_part *part = &chat->messages[i].parts[at];

            if (part->type == CHAT_CALL && text_equal(part->id, result->id))
                return part->name;
        }
    return result->name;
}

static void put_result(struct buffer *body, const struct chat *chat, const struct chat_part *result,
                       struct arena *arena)
{
    struct text name = name_of(chat, result);

    json_put_text(body, "tool_call_id", id_of(result->id, arena));
    if (name.len > 0)
        json_put_text(body, "name", name);
    json_put_name(body, "content");
    wire_put_result(body, result);
}

static void put_message(struct buffer *body, const struct chat *chat,
                        const struct chat_message *message, struct arena *arena)
{
    bool last = message == &chat->messages[chat->message_count - 1];

    if (body->at[body->len - 1] != '[')
        buffer_put_byte(body, ',');
    buffer_put_byte(body, '{');
    json_put_text(body, "role", text_of(chat_role_name(message->role)));
    if (message->role == CHAT_ASSISTANT) {
        put_assistant(body, message, last, arena);
    } else if (message->role == CHAT_TOOL && message->part_count > 0) {
        put_result(body, chat, &message->parts[0], arena);
    } else {
        json_put_name(body, "content");
        openai_put_content(body, message);
    }
    buffer_put_byte(body, '}');
}

/* Behind results only the model speaks; a user who adds something to them follows its word. */
static void put_between(struct buffer *body, enum chat_role before, enum chat_role role)
{
    if (before == CHAT_TOOL && role == CHAT_USER)
        buffer_put(body, TEXT(",{\"role\":\"assistant\",\"content\":\"Go on.\"}"));
}

static void put_messages(struct buffer *body, const struct chat *chat, struct text instruction,
                         struct arena *arena)
{
    struct chat_message system = {.role = CHAT_SYSTEM,
                                  .text = system_text(chat, instruction, arena)};
    enum chat_role before = CHAT_SYSTEM;

    json_put_name(body, "messages");
    buffer_put_byte(body, '[');
    if (system.text.len > 0)
        put_message(body, chat, &system, arena);
    for (size_t i = 0; i < chat->message_count; i++) {
        const struct chat_message *message = &chat->messages[i];

        if (message->role == CHAT_SYSTEM)
            continue;
        put_between(body, before, message->role);
        put_message(body, chat, message, arena);
        before = message->role;
    }
    buffer_put_byte(body, ']');
}

/* --- the rest
 * ---------------------------------------------------------------------------------------- */

/* 0 to 1.5; what is above is taken for that. */
static struct text temperature_of(const struct chat *chat, struct arena *arena)
{
    double asked;

    return param_number(chat, CHAT_PARAM_TEMPERATURE, arena, &asked) && asked > 1.5
               ? TEXT("1.5")
               : chat->params.json[CHAT_PARAM_TEMPERATURE];
}

/* Models that think in a mode of their own are told so; others by an effort, where they have one.
 */
static void put_effort(struct buffer *body, const struct chat *chat)
{
    static const struct openai_model adjustable = {
        .efforts = 1u << EFFORT_NONE | 1u << EFFORT_LOW | 1u << EFFORT_MEDIUM | 1u << EFFORT_HIGH};
    struct text asked = chat->params.json[CHAT_PARAM_REASONING_EFFORT];
    bool none = text_equal(asked, TEXT("\"none\""));

    if (asked.len == 0)
        return;
    if (text_starts(chat->model, TEXT("magistral")))
        buffer_put(body,
                   none ? TEXT(",\"prompt_mode\":null") : TEXT(",\"prompt_mode\":\"reasoning\""));
    else
        json_put_text(body, "reasoning_effort", text_of(openai_effort(&adjustable, asked)));
}

static void put_params(struct buffer *body, const struct chat *chat, struct arena *arena)
{
    for (int param = 0; param < CHAT_PARAM_COUNT; param++) {
        struct text value = chat->params.json[param];

        if (value.len == 0 || param == CHAT_PARAM_REASONING_EFFORT)
            continue;
        json_put_name(body, param == CHAT_PARAM_SEED ? "random_seed"
                                                     : chat_param_name((enum chat_param)param));
        buffer_put(body, param == CHAT_PARAM_TEMPERATURE ? temperature_of(chat, arena) : value);
    }
    put_effort(body, chat);
}

static void mistral_request(const struct chat *chat, const struct provider *provider,
                            struct text key, struct arena *arena, struct wire_request *out)
{
    /* Not every model takes a schema beside tools. */
    bool in_words = chat->output_schema != NULL && chat->tool_count > 0;
    struct text instruction = in_words ? openai_instruction(chat, arena) : (struct text){0};
    struct buffer body = buffer_in(arena);

    buffer_reserve(&body, wire_body_bytes(chat) + instruction.len);
    buffer_put_byte(&body, '{');
    json_put_text(&body, "model", chat->model);
    put_messages(&body, chat, instruction, arena);
    put_params(&body, chat, arena);
    if (chat->output_schema != NULL && !in_words)
        openai_put_schema(&body, chat);
    openai_put_tools(&body, chat, "mistral", "any");
    if (chat->one_call && chat->tool_count > 0)
        buffer_put(&body, TEXT(",\"parallel_tool_calls\":false"));
    if (chat->stream)
        buffer_put(&body, TEXT(",\"stream\":true"));
    buffer_put_byte(&body, '}');
    *out = (struct wire_request){
        .path = openai_path(provider, chat->model, "/chat/completions", arena),
        .headers = wire_headers(key, NULL, arena),
        .body = buffer_text(&body),
    };
}

static void mistral_embed_request(const struct embed *embed, const struct provider *provider,
                                  struct text key, struct arena *arena, struct wire_request *out)
{
    struct buffer body = buffer_in(arena);

    openai_put_embed(&body, embed, "output_dimension");
    buffer_put_byte(&body, '}');
    *out = (struct wire_request){
        .path = openai_path(provider, embed->model, "/embeddings", arena),
        .headers = wire_headers(key, NULL, arena),
        .body = buffer_text(&body),
    };
}

static bool mistral_answer(struct text body, struct arena *arena, struct chat_answer *out,
                           struct failure *failure)
{
    return openai_read_answer(dialect_mistral.name, body, arena, out, failure);
}

static bool mistral_event(void *memory, const struct wire_event *event, struct arena *kept,
                          struct arena *arena, struct chat_events *out, struct failure *failure)
{
    return openai_read_event(dialect_mistral.name, memory, event, kept, arena, out, failure);
}

const struct dialect dialect_mistral = {
    .name = "mistral",
    .stream_bytes = sizeof(struct openai_stream),
    .request = mistral_request,
    .answer = mistral_answer,
    .event = mistral_event,
    .refusal = openai_refusal,
    .embed_request = mistral_embed_request,
    .embed_answer = openai_embed_answer,
};
