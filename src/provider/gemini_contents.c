/* Gemini: the conversation. The system's words have a place of their own; users and the model take
 * turns, beginning with the user; the results of tools are the user's, all of a turn in one
 * content; a content without parts is refused. */
#include "document/json_read.h"
#include "document/json_write.h"
#include "provider/gemini.h"
#include "provider/reply_json.h"

/* What stands for a signature that is not known: of another provider's call, or lost. */
#define NO_SIGNATURE "skip_thought_signature_validator"

/* Calls of a turn that a result is looked for among: more than any model makes. */
enum { CALLS_SEARCHED = 1024, RESULT_DEPTH = 64 };

/* Messages one after another that are of one side. */
struct turn {
    const struct chat_message *messages;
    size_t count;
    bool model;
};
struct writing {
    struct buffer *body;
    const struct gemini_plan *plan;
    struct arena *arena;
    struct text system; /* still to be said by the user; empty: nothing */
    struct turn before; /* the last one */
    bool any, model;    /* something was written, last of this side */
};

/* --- system ------------------------------------------------------------------------------------
 */

static void add_paragraph(struct buffer *system, struct text text)
{
    if (text_trim(text).len == 0)
        return;
    if (system->len > 0)
        buffer_put(system, TEXT("\n\n"));
    buffer_put(system, text);
}

/* With what cannot be said otherwise to this model. */
static struct text system_of(const struct chat *chat, const struct gemini_plan *plan,
                             struct arena *arena)
{
    struct buffer system = buffer_in(arena);

    for (size_t i = 0; i < chat->message_count; i++)
        if (chat->messages[i].role == CHAT_SYSTEM)
            add_paragraph(&system, chat->messages[i].text);
    if (plan->output == GEMINI_JSON || plan->output == GEMINI_TOLD) {
        add_paragraph(&system, TEXT("Answer with JSON only, valid against this JSON Schema:\n"));
        json_put_cell(&system, chat->output_schema, chat->output_schema_at);
    }
    if (plan->tools && chat->one_call && chat->choice != CHAT_CHOICE_NONE)
        add_paragraph(&system, TEXT("Call at most one tool at a time."));
    return buffer_text(&system);
}

/* --- parts -------------------------------------------------------------------------------------
 */

static void begin_part(const struct writing *it, const char *name)
{
    if (it->body->at[it->body->len - 1] != '[')
        buffer_put_byte(it->body, ',');
    buffer_put_byte(it->body, '{');
    json_put_name(it->body, name);
}

static void put_member(const struct writing *it, const char *name, struct text value)
{
    json_put_name(it->body, name);
    json_put_string(it->body, value);
}

static void put_text(const struct writing *it, struct text text)
{
    if (text.len == 0)
        return;
    begin_part(it, "text");
    json_put_string(it->body, text);
    buffer_put_byte(it->body, '}');
}

/* A member of the state that we gave a part. It may have been with a client in between, so it is
 * read like anything foreign. */
static struct text state_member(const struct writing *it, const struct chat_part *part,
                                const char *name)
{
    struct document *state = ARENA_NEW(it->arena, struct document);

    if (part->state_of == NULL || strcmp(part->state_of, dialect_gemini.name) != 0 ||
        !json_read(part->state, NULL, it->arena, state, NULL, NULL))
        return (struct text){0};
    return reply_string(state, 0, name);
}

static void put_signature(const struct writing *it, struct text signature)
{
    if (signature.len > 0)
        put_member(it, "thoughtSignature", signature);
}

/* Thoughts and texts of the model, with their signatures. Thoughts without one are not wanted. */
static void put_said(const struct writing *it, const struct chat_part *part)
{
    struct text signature = state_member(it, part, "thoughtSignature");
    bool thought = part->type == CHAT_REASONING;

    if (signature.len == 0 && (thought || part->text.len == 0))
        return;
    begin_part(it, "text");
    json_put_string(it->body, part->text);
    if (thought && part->text.len > 0)
        buffer_put(it->body, TEXT(",\"thought\":true"));
    put_signature(it, signature);
    buffer_put_byte(it->body, '}');
}

static struct text type_by_name(struct text url)
{
    static const struct {
        struct text ending, type;
    } types[] = {
        {TEXT_INIT(".png"), TEXT_INIT("image/png")},
        {TEXT_INIT(".jpg"), TEXT_INIT("image/jpeg")},
        {TEXT_INIT(".jpeg"), TEXT_INIT("image/jpeg")},
        {TEXT_INIT(".webp"), TEXT_INIT("image/webp")},
        {TEXT_INIT(".gif"), TEXT_INIT("image/gif")},
        {TEXT_INIT(".heic"), TEXT_INIT("image/heic")},
        {TEXT_INIT(".heif"), TEXT_INIT("image/heif")},
    };
    struct text path = text_first(url, text_find_byte(url, '?'));

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (path.len >= types[i].ending.len &&
            text_equal_nocase(text_after(path, path.len - types[i].ending.len), types[i].ending))
            return types[i].type;
    return (struct text){0};
}

static void put_image(const struct writing *it, const struct chat_part *part)
{
    struct text type = part->media_type.len > 0 ? part->media_type : type_by_name(part->text);

    if (part->data.len > 0) {
        begin_part(it, "inlineData");
        buffer_put_byte(it->body, '{');
        put_member(it, "mimeType", type);
        put_member(it, "data", part->data);
    } else {
        begin_part(it, "fileData");
        buffer_put_byte(it->body, '{');
        if (type.len > 0)
            put_member(it, "mimeType", type);
        put_member(it, "fileUri", part->text);
    }
    buffer_put(it->body, TEXT("}}"));
}

/* --- calls -------------------------------------------------------------------------------------
 */

static bool read_value(const struct writing *it, struct text text, struct document *out)
{
    const struct json_limits limits = {.depth = RESULT_DEPTH};

    return json_read(text, &limits, it->arena, out, NULL, NULL);
}

/* The arguments must be an object; what a model wrote instead is shown to it inside one. */
static void put_arguments(const struct writing *it, struct text text)
{
    struct document document;

    if (text_trim(text).len == 0) {
        buffer_put(it->body, TEXT("{}"));
    } else if (read_value(it, text, &document) &&
               document_cell(&document, 0)->type == CELL_OBJECT) {
        buffer_put(it->body, text);
    } else {
        buffer_put_byte(it->body, '{');
        put_member(it, "arguments", text);
        buffer_put_byte(it->body, '}');
    }
}

/* `first`: of its turn; that one has the signature. Only an id that came from there goes back. */
static void put_call(const struct writing *it, const struct chat_part *part, bool first)
{
    struct text signature = state_member(it, part, "thoughtSignature");
    struct text id = state_member(it, part, "id");

    begin_part(it, "functionCall");
    buffer_put_byte(it->body, '{');
    if (id.len > 0)
        put_member(it, "id", id);
    json_put_name(it->body, "name");
    gemini_put_tool_name(it->body, part->name);
    json_put_name(it->body, "args");
    put_arguments(it, part->text);
    buffer_put_byte(it->body, '}');
    if (signature.len == 0 && first && it->plan->model->signatures)
        signature = TEXT(NO_SIGNATURE);
    put_signature(it, signature);
    buffer_put_byte(it->body, '}');
}

static const struct chat_part *find_call(const struct turn *turn, struct text id)
{
    size_t searched = 0;

    for (size_t i = 0; i < turn->count; i++)
        for (size_t at = 0; at < turn->messages[i].part_count; at++) {
            const struct chat_part *part = &turn->messages[i].parts[at];

            if (part->type != CHAT_CALL)
                continue;
            if (text_equal(part->id, id))
                return part;
            if (++searched == CALLS_SEARCHED)
                return NULL;
        }
    return NULL;
}

/* An object as it is; anything else, and what went wrong, inside one. */
static void put_response(const struct writing *it, const struct chat_part *part)
{
    struct document document;
    bool json = read_value(it, part->text, &document);

    if (json && !part->failed && document_cell(&document, 0)->type == CELL_OBJECT) {
        buffer_put(it->body, part->text);
        return;
    }
    buffer_put_byte(it->body, '{');
    json_put_name(it->body, part->failed ? "error" : "result");
    if (json)
        buffer_put(it->body, part->text);
    else
        json_put_string(it->body, part->text);
    buffer_put_byte(it->body, '}');
}

static void put_result(const struct writing *it, const struct chat_part *part)
{
    const struct chat_part *call = find_call(&it->before, part->id);
    struct text id = call != NULL ? state_member(it, call, "id") : (struct text){0};
    struct text name = part->name;

    if (name.len == 0)
        name = call != NULL ? call->name : TEXT("tool");
    begin_part(it, "functionResponse");
    buffer_put_byte(it->body, '{');
    if (id.len > 0)
        put_member(it, "id", id);
    json_put_name(it->body, "name");
    gemini_put_tool_name(it->body, name);
    json_put_name(it->body, "response");
    put_response(it, part);
    buffer_put(it->body, TEXT("}}"));
}

/* --- turns -------------------------------------------------------------------------------------
 */

/* In front of whatever else the user says. */
static void put_results(const struct writing *it, const struct turn *turn)
{
    for (size_t i = 0; i < turn->count; i++)
        for (size_t at = 0; at < turn->messages[i].part_count; at++)
            if (turn->messages[i].parts[at].type == CHAT_RESULT)
                put_result(it, &turn->messages[i].parts[at]);
}

static void put_parts(const struct writing *it, const struct chat_message *message, bool *called)
{
    bool model = message->role == CHAT_ASSISTANT;

    for (size_t at = 0; at < message->part_count; at++) {
        const struct chat_part *part = &message->parts[at];

        if (part->type == CHAT_TEXT && !model) {
            put_text(it, part->text);
        } else if (part->type == CHAT_IMAGE) {
            put_image(it, part);
        } else if (model && (part->type == CHAT_TEXT || part->type == CHAT_REASONING)) {
            put_said(it, part);
        } else if (model && part->type == CHAT_CALL) {
            put_call(it, part, !*called);
            *called = true;
        }
    }
}

static void begin_content(const struct writing *it, bool model)
{
    if (it->body->at[it->body->len - 1] != '[')
        buffer_put_byte(it->body, ',');
    buffer_put(it->body, model ? TEXT("{\"role\":\"model\",\"parts\":[")
                               : TEXT("{\"role\":\"user\",\"parts\":["));
}

static void put_plain(struct writing *it, struct text text)
{
    begin_content(it, false);
    put_text(it, text);
    buffer_put(it->body, TEXT("]}"));
    it->any = true;
    it->model = false;
}

/* Goes on with the last content if that is of the same side: what was between them had nothing in
 * it. */
static bool goes_on(const struct writing *it, bool model)
{
    if (!it->any || it->model != model)
        return false;
    it->body->len -= sizeof "]}" - 1;
    return true;
}

/* Nothing is written when there is nothing in it. */
static void put_turn(struct writing *it, const struct turn *turn)
{
    size_t before = it->body->len, start;
    bool called = false, on = goes_on(it, turn->model);

    if (!on)
        begin_content(it, turn->model);
    start = it->body->len;
    if (!turn->model) {
        put_text(it, it->system);
        it->system = (struct text){0};
        put_results(it, turn);
    }
    for (size_t i = 0; i < turn->count; i++) {
        if (turn->messages[i].role == CHAT_SYSTEM)
            continue;
        if (turn->messages[i].parts == NULL)
            put_text(it, turn->messages[i].text);
        put_parts(it, &turn->messages[i], &called);
    }
    it->before = *turn;
    if (it->body->len == start && !on) {
        it->body->len = before;
        return;
    }
    buffer_put(it->body, TEXT("]}"));
    it->any = true;
    it->model = turn->model;
}

/* What the system says in between is no turn. */
static struct turn turn_at(const struct chat *chat, size_t at)
{
    struct turn turn = {.messages = &chat->messages[at],
                        .model = chat->messages[at].role == CHAT_ASSISTANT};

    while (at + turn.count < chat->message_count) {
        enum chat_role role = turn.messages[turn.count].role;

        if (role != CHAT_SYSTEM && (role == CHAT_ASSISTANT) != turn.model)
            break;
        turn.count++;
    }
    return turn;
}

static void put_turns(struct writing *it, const struct chat *chat)
{
    for (size_t at = 0; at < chat->message_count;) {
        struct turn turn = {.count = 1};

        if (chat->messages[at].role != CHAT_SYSTEM) {
            turn = turn_at(chat, at);
            if (turn.model && !it->any) {
                put_plain(it, it->system.len > 0 ? it->system : TEXT("Begin."));
                it->system = (struct text){0};
            }
            put_turn(it, &turn);
        }
        at += turn.count;
    }
}

void gemini_put_contents(struct buffer *body, const struct chat *chat,
                         const struct gemini_plan *plan, struct arena *arena)
{
    struct text system = system_of(chat, plan, arena);
    struct buffer contents = buffer_in(arena);
    struct writing it = {.body = &contents, .plan = plan, .arena = arena};

    if (!plan->model->system)
        it.system = system;
    buffer_put_byte(&contents, '[');
    put_turns(&it, chat);
    if (!it.any) { /* there must be something: then the system's words are the user's */
        put_plain(&it, system.len > 0 ? system : TEXT("Begin."));
        system = (struct text){0};
    }
    buffer_put_byte(&contents, ']');
    if (system.len > 0 && plan->model->system) {
        json_put_name(body, "systemInstruction");
        buffer_put(body, TEXT("{\"parts\":[{\"text\":"));
        json_put_string(body, system);
        buffer_put(body, TEXT("}]}"));
    }
    json_put_name(body, "contents");
    buffer_put(body, buffer_text(&contents));
}
