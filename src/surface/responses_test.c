/* Cases of tests/cases/responses: a body, what is kept of what it refers to (kept.json), and what
 * is read in it (read.txt); where a model answers (events.json) also the whole response, the
 * stream, and what is kept of it. Lines of `options` name the endpoint, and say whether texts come
 * late. */
#include "surface/responses.h"

#include "chat/gather.h"
#include "config/load.h"
#include "memory_folder.h"
#include "surface_told.h"

static const struct memory_file files[] = {
    {"pinion.yaml", TEXT_INIT("providers:\n  p: {kind: openai, key: \"${env:KEY}\"}\n")},
    {"endpoints/closed.yaml", TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\n")},
    {"endpoints/open.yaml",
     TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\nallow: [system, tools, tool_choice, "
               "response_format, temperature, top_p, max_tokens]\n")},
    {"endpoints/typed.yaml",
     TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\nallow: [system]\ninput_schema: {type: "
               "object}\n")},
};

struct run {
    const char *folder;
    struct arena *arena;
    struct call_body body;
    const struct endpoint *endpoint;
};

/* --- what is kept --------------------------------------------------------------------------------
 */

static struct text json_of(struct run *run, const struct document *document, uint32_t object,
                           const char *name, const char *otherwise)
{
    uint32_t at = document_member(document, object, text_of(name));
    struct buffer out = buffer_in(run->arena);

    if (at == CELL_NONE)
        return text_of(otherwise);
    json_put_cell(&out, document, at);
    return buffer_text(&out);
}

/* {"resp_...": [{"endpoint", "input", "output", "asked"}, ...]} */
static void find_kept(struct run *run, struct surface_reference *reference)
{
    struct response_want *want = ARENA_NEW(run->arena, struct response_want);
    struct response_record *found;
    struct document kept;
    uint32_t list;

    reference->want = want;
    if (!case_json(run->folder, "kept.json", run->arena, &kept))
        return;
    list = document_member(&kept, 0, reference->id);
    if (list == CELL_NONE)
        return;
    found = ARENA_ARRAY(run->arena, struct response_record, kept.cells[list].size);
    want->found = found;
    for (uint32_t at = list + 1; at < kept.cells[list].end; at = document_next(&kept, at))
        found[want->found_count++] = (struct response_record){
            .endpoint = told_string(&kept, at, "endpoint"),
            .input = json_of(run, &kept, at, "input", "[]"),
            .output = json_of(run, &kept, at, "output", "[]"),
            .asked = told_string(&kept, at, "asked"),
        };
}

/* --- what is read --------------------------------------------------------------------------------
 */

static struct text told(struct run *run)
{
    const struct call_body *body = &run->body;
    const struct responses_call *call = body->own;
    struct buffer out = buffer_in(run->arena);

    told_body(&out, body);
    buffer_printf(&out, "new from %zu of %zu%s%s%s\n", call->first_new, call->message_count,
                  body->stream ? ", streamed" : "", call->store ? "" : ", not stored",
                  body->output_held != NULL ? ", as the caller says" : "");
    return buffer_text(&out);
}

static bool read_case(struct run *run, struct schema_cache *schemas, struct error *err)
{
    struct call_body *body = &run->body;
    struct surface_name name;
    struct text bytes;

    if (!case_file(run->folder, "body.json", run->arena, &bytes))
        fail_msg("%s has no body.json", run->folder);
    if (!body_open(case_exactly(bytes, run->arena), run->arena, body, err) ||
        !surface_responses.name_call(body, &name, err))
        return false;
    body->keeps = true;
    body->reply_id = TEXT("resp_00000000000000000000000009");
    if (!surface_responses.keeping->refer(body, run->arena, err))
        return false;
    for (size_t i = 0; i < body->reference_count; i++)
        find_kept(run, &body->references[i]);
    return body_read(body, &surface_responses, run->endpoint, schemas, run->arena, err);
}

/* --- what is answered ----------------------------------------------------------------------------
 */

static void answer_case(struct run *run, const struct document *list)
{
    const struct surface *surface = &surface_responses;
    const struct chat_usage usage = {.prompt_tokens = 5, .completion_tokens = 3, .reported = true};
    struct chat_gather gather = {.arena = run->arena};
    struct chat_answer answer;
    struct responses_stream stream = {0};
    struct buffer sse = buffer_in(run->arena), whole = buffer_in(run->arena);
    struct surface_kept kept;
    struct surface_said said = {.id = TEXT("req_1"),
                                .wall_ms = 1795190400000,
                                .model = TEXT("gpt-4.1"),
                                .endpoint = run->endpoint,
                                .body = &run->body,
                                .usage = &usage,
                                .asked = TEXT("as asked"),
                                .late = case_option(run->folder, run->arena, TEXT("late")),
                                .arena = run->arena};

    surface->begin(&stream, &said, &sse);
    for (uint32_t at = 1; at < list->cells[0].end; at = document_next(list, at)) {
        struct chat_event event = told_event(list, at);

        gather_take(&gather, &event);
        surface->event(&stream, &said, &event, &sse);
    }
    gather_answer(&gather, &answer);
    said.answer = &answer;
    said.meta = TEXT("{\"cached\":false}");
    surface->end(&stream, &said, &sse);
    case_settle(run->folder, "stream.sse", run->arena, buffer_text(&sse));
    surface->answer(&said, &whole);
    EXPECT(text_ends(buffer_text(&sse),
                     arena_printf(run->arena, "%.*s}\n\n", TEXT_ARG(buffer_text(&whole)))));
    buffer_put_byte(&whole, '\n');
    case_settle(run->folder, "response.json", run->arena, buffer_text(&whole));
    if (surface->keeping->keep(&said, &kept))
        case_settle(
            run->folder, "kept.txt", run->arena,
            arena_printf(
                run->arena, "input %.*s\nasked %.*s\nfrom %.*s\noutput %.*s\n",
                TEXT_ARG(kept.input), TEXT_ARG(kept.asked), TEXT_ARG(kept.previous),
                TEXT_ARG(text_first(text_after(kept.body, kept.output_at), kept.output_bytes))));
}

/* --- the cases -----------------------------------------------------------------------------------
 */

static struct config *config;
static struct schema_cache *schemas;

static const struct endpoint *endpoint_of(const char *folder, struct arena *arena)
{
    for (size_t i = 0; i < config->endpoint_count; i++)
        if (case_option(folder, arena, config->endpoints[i].slug))
            return &config->endpoints[i];
    return config_endpoint(config, TEXT("open"));
}

static void run_case(const char *folder, struct arena *arena)
{
    struct run run = {.folder = folder, .arena = arena, .endpoint = endpoint_of(folder, arena)};
    struct document events;
    struct error err = {0};
    bool good = read_case(&run, schemas, &err);

    case_settle(folder, "read.txt", arena, good ? told(&run) : told_error(arena, &err));
    if (good && case_json(folder, "events.json", arena, &events))
        answer_case(&run, &events);
    schema_cache_return(schemas, run.body.output_held);
}

TEST(each_body_is_read_and_answered_as_expected)
{
    struct memory_folder folder = memory_folder(files, sizeof files / sizeof *files, "sk-1");
    struct arena arena = {0};
    struct diagnostics diagnostics = {.arena = &arena};

    schemas = schema_cache_new(NULL);
    config = config_load_from(&folder.folder, TEXT("."), &(struct config_options){0}, &diagnostics);
    if (config == NULL)
        fail_msg("refused: %.*s", TEXT_ARG(diagnostics.items[0].message));
    EXPECT(case_walk("responses", run_case) > 0);
    config_free(config);
    schema_cache_free(schemas);
    arena_release(&arena);
}

TEST(an_id_of_an_item_leads_to_its_response)
{
    struct text response;
    uint32_t place;
    bool input;

    EXPECT(responses_item_of(TEXT("msg_00000000000000000000000001_12"), &response, &input, &place));
    EXPECT_TEXT(response, "00000000000000000000000001");
    EXPECT(!input && place == 12);
    EXPECT(responses_item_of(TEXT("fc_00000000000000000000000001_in3"), &response, &input, &place));
    EXPECT(input && place == 3);
    EXPECT(!responses_item_of(TEXT(""), &response, &input, &place));
    EXPECT(!responses_item_of(TEXT("msg_"), &response, &input, &place));
    EXPECT(!responses_item_of(TEXT("msg_00000000000000000000000001"), &response, &input, &place));
    EXPECT(!responses_item_of(TEXT("msg_00000000000000000000000001_"), &response, &input, &place));
    EXPECT(!responses_item_of(TEXT("msg_0000000000000000000000000!_1"), &response, &input, &place));
    EXPECT(!responses_item_of(TEXT("msg_00000000000000000000000001_123456"), &response, &input,
                              &place));
    EXPECT(
        !responses_item_of(TEXT("msg_00000000000000000000000001_in-1"), &response, &input, &place));
}
