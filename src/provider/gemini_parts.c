/* Gemini: what a content is made of. What the API wants back unchanged is on the part that it came
 * on; arguments and results are objects and nothing else. */
#include "document/json_read.h"
#include "document/json_write.h"
#include "provider/gemini.h"
#include "provider/reply_json.h"
#include "provider/wire.h"

/* What stands for a signature that is not known: of another provider's call, or lost. */
#define NO_SIGNATURE "skip_thought_signature_validator"

/* Calls of a turn that a result is looked for among: more than any model makes. */
enum { CALLS_SEARCHED = 1024, RESULT_DEPTH = 64 };

/* --- parts -------------------------------------------------------------------------------------
 */

static void begin_part(const struct gemini_writing *it, const char *name)
{
    if (it->body->at[it->body->len - 1] != '[')
        buffer_put_byte(it->body, ',');
    buffer_put_byte(it->body, '{');
    json_put_name(it->body, name);
}

static void put_member(const struct gemini_writing *it, const char *name, struct text value)
{
    json_put_text(it->body, name, value);
}

void gemini_put_text(const struct gemini_writing *it, struct text text)
{
    if (text.len == 0)
        return;
    begin_part(it, "text");
    json_put_string(it->body, text);
    buffer_put_byte(it->body, '}');
}

/* A member of the state that we gave a part. It may have been with a client in between, so it is
 * read like anything foreign. */
static struct text state_member(const struct gemini_writing *it, const struct chat_part *part,
                                const char *name)
{
    struct document *state = ARENA_NEW(it->arena, struct document);

    if (part->state_of == NULL || strcmp(part->state_of, dialect_gemini.name) != 0 ||
        !json_read(part->state, NULL, it->arena, state, NULL, NULL))
        return (struct text){0};
    return reply_string(state, 0, name);
}

static void put_signature(const struct gemini_writing *it, struct text signature)
{
    if (signature.len > 0)
        put_member(it, "thoughtSignature", signature);
}

/* Thoughts and texts of the model, with their signatures. Thoughts without one are not wanted. */
static void put_said(const struct gemini_writing *it, const struct chat_part *part)
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

static void put_image(const struct gemini_writing *it, const struct chat_part *part)
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

static bool read_value(const struct gemini_writing *it, struct text text, struct document *out)
{
    const struct json_limits limits = {.depth = RESULT_DEPTH};

    return json_read(text, &limits, it->arena, out, NULL, NULL);
}

/* `first`: of its turn; that one has the signature. Only an id that came from there goes back. */
static void put_call(const struct gemini_writing *it, const struct chat_part *part, bool first)
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
    wire_put_arguments(it->body, part->text, it->arena);
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
static void put_response(const struct gemini_writing *it, const struct chat_part *part)
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

void gemini_put_result(const struct gemini_writing *it, const struct chat_part *part)
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

/* --- any part ----------------------------------------------------------------------------------
 */

void gemini_put_part(const struct gemini_writing *it, enum chat_role role,
                     const struct chat_part *part, bool first_call)
{
    bool model = role == CHAT_ASSISTANT;

    if (part->type == CHAT_TEXT && !model)
        gemini_put_text(it, part->text);
    else if (part->type == CHAT_IMAGE)
        put_image(it, part);
    else if (model && (part->type == CHAT_TEXT || part->type == CHAT_REASONING))
        put_said(it, part);
    else if (model && part->type == CHAT_CALL)
        put_call(it, part, first_call);
}
