/* Sampling parameters: the rows of CHAT_PARAMS as keys. They stay the JSON text they were written
 * as, so that 0.70 goes to the provider as 0.70. */
#include "config/load.h"

#include "base/buffer.h"
#include "config/value.h"
#include "document/json_write.h"
#include "provider/dialect.h"

struct params_draft {
    uint32_t cells[CHAT_PARAM_COUNT];
};

#define PARAM_NUMBER  .type = KEY_NUMBER
#define PARAM_INTEGER .type = KEY_INTEGER
#define PARAM_STRING  .type = KEY_CELL, .types = KEY_OF(CELL_STRING)
#define PARAM_STRINGS .type = KEY_CELL, .types = KEY_OF(CELL_STRING) | KEY_OF(CELL_ARRAY)

static const char *const effort_words[] = {"none", "minimal", "low", "medium",
                                           "high", "xhigh",   "max", NULL};
enum { STOPS_MAX = 4 };

// clang-format off
#define SAID_TEMPERATURE .about = "How freely words are chosen; 0 is the least.", .example = "0.2"
#define SAID_TOP_P .about = "Only the likeliest words that make up this share are chosen among.", .example = "0.9"
#define SAID_MAX_TOKENS .about = "The longest answer, in tokens.", .example = "800"
#define SAID_SEED .about = "Makes answers repeat themselves, as far as the provider can.", .example = "7"
#define SAID_PRESENCE_PENALTY .about = "Makes words less likely that have been used.", .example = "0.5"
#define SAID_FREQUENCY_PENALTY .about = "Makes words less likely the more often they have been used.", .example = "0.5"
#define SAID_STOP .about = "Texts at which the answer ends.", .example = "[\"END\"]", \
    .each_types = KEY_OF(CELL_STRING), .items_least = 1, .items_most = STOPS_MAX, .pattern = "."
#define SAID_REASONING_EFFORT .about = "How much the model thinks before it answers.", .example = "low", .words = effort_words

static const struct key param_keys[] = {
#define X(id, word, kind, low, high)                                                               \
    {.name = word, PARAM_##kind, FIELD(struct params_draft, cells[CHAT_PARAM_##id]),               \
     .least = (low), .greatest = (high), SAID_##id},
    CHAT_PARAMS(X)
#undef X
    {.name = "tools", .type = KEY_ELSEWHERE,
     .hint = "callers bring their tools along; 'allow: [tools, tool_choice]', beside 'params', lets them"},
    {.name = "tool_choice", .type = KEY_ELSEWHERE,
     .hint = "'allow: [tools, tool_choice]', beside 'params', lets callers choose among their tools"},
    {.name = "response_format", .type = KEY_ELSEWHERE,
     .hint = "the form of the answer is said by 'output_schema', beside 'params'"},
    {.name = "max_completion_tokens", .type = KEY_ELSEWHERE,
     .hint = "write max_tokens; the provider gets the name that its model takes"},
    {.name = "model", .type = KEY_ELSEWHERE, .hint = "'model' stands beside 'params', not in it"},
};
// clang-format on
const struct keys param_table = KEYS_OF(param_keys);

enum { EFFORTS = sizeof effort_words / sizeof *effort_words - 1 };

static bool check_effort(struct load *load, const struct document *document, uint32_t cell)
{
    struct arena *arena = load->diagnostics->arena;
    struct text word = document_text(document, cell), efforts[EFFORTS], shown, list, near;
    struct diagnostic *it;

    for (size_t i = 0; i < EFFORTS; i++) {
        efforts[i] = text_of(effort_words[i]);
        if (text_equal(word, efforts[i]))
            return true;
    }
    shown = value_shown(arena, word);
    list = names_joined(arena, efforts, EFFORTS);
    it = diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0105,
                  "'reasoning_effort' must be one of: %.*s; found \"%.*s\"", TEXT_ARG(list),
                  TEXT_ARG(shown));
    near = nearest_name(word, efforts, EFFORTS);
    if (near.len > 0)
        diagnostic_hint(load->diagnostics, it, "did you mean \"%.*s\"?", TEXT_ARG(near));
    return false;
}

static bool check_stop(struct load *load, const struct document *document, uint32_t cell)
{
    const struct cell *list = document_cell(document, cell);
    uint32_t end = document_next(document, cell);
    bool array = list->type == CELL_ARRAY, good = true;

    if (array && (list->size == 0 || list->size > STOPS_MAX)) {
        diagnose(load->diagnostics, document, cell, DIAGNOSTIC_E0104,
                 "'stop' must have 1 to %d strings, found %u", STOPS_MAX, list->size);
        return false;
    }
    for (uint32_t at = array ? cell + 1 : cell; at < end; at = document_next(document, at)) {
        const struct cell *item = document_cell(document, at);
        struct diagnostic *it;

        if (item->type == CELL_STRING && item->size > 0)
            continue;
        it = diagnose(load->diagnostics, document, at, DIAGNOSTIC_E0103,
                      "each item of 'stop' must be a string that is not empty");
        diagnostic_hint(load->diagnostics, it, "it is written stop: [\"END\", \"###\"]");
        good = false;
    }
    return good;
}

bool load_params(struct load *load, const struct document *document, uint32_t at,
                 struct chat_params *out)
{
    struct reading reading = load_reading(load, document);
    struct params_draft draft;
    bool good;

    *out = (struct chat_params){0};
    if (at == CELL_NONE)
        return true;
    good = keys_read(&reading, at, key_of(at), &param_table, &draft);
    if (draft.cells[CHAT_PARAM_STOP] != CELL_NONE)
        good &= check_stop(load, document, draft.cells[CHAT_PARAM_STOP]);
    if (draft.cells[CHAT_PARAM_REASONING_EFFORT] != CELL_NONE)
        good &= check_effort(load, document, draft.cells[CHAT_PARAM_REASONING_EFFORT]);
    for (size_t i = 0; i < CHAT_PARAM_COUNT; i++) {
        struct buffer json = buffer_in(load->arena);

        if (draft.cells[i] == CELL_NONE)
            continue;
        json_put_cell(&json, document, draft.cells[i]);
        out->json[i] = buffer_text(&json);
    }
    return good;
}

void load_unsaid(struct load *load, const struct target *target, const struct document *document,
                 uint32_t cell)
{
    if (cell == CELL_NONE)
        return;
    for (enum chat_param param = 0; param < CHAT_PARAM_COUNT; param++) {
        uint32_t at = document_member(document, cell, text_of(chat_param_name(param)));
        struct diagnostic *it;

        if (at == CELL_NONE || (target->dialect->unsaid >> param & 1) == 0)
            continue;
        it = diagnose(load->diagnostics, document, key_of(at), DIAGNOSTIC_W0502,
                      "'%s' is left out: the API in which this model is spoken to has no such "
                      "parameter",
                      chat_param_name(param));
        diagnostic_hint(load->diagnostics, it, "remove it, unless a failover target takes it");
    }
}
