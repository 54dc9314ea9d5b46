/* OpenAI Responses: what is asked for, and how. The messages become items in responses_input.c;
 * reading an answer is responses_read.c, a stream responses_stream.c. Nothing is stored at the
 * provider: what the model thought comes back encrypted, and is sent along again. What the API has
 * no word for (stop, seed, penalties) is left out. */
#include "provider/responses.h"

#include "document/json_write.h"
#include "provider/openai_model.h"
#include "provider/param.h"
#include "provider/wire.h"
#include "schema/lower.h"

enum { LEAST_MAX_OUTPUT_TOKENS = 16 };

/* For whom a request is written. */
struct reader {
    const struct provider_kind *kind;
    const struct openai_model *model; /* NULL: nothing is known of it */
    bool reasoning;
};

static struct reader reader_of(const struct chat *chat, const struct provider *provider)
{
    const struct provider_kind *kind = kind_at(provider);
    const struct openai_model *model = openai_model_find(kind, kind_model(provider, chat->model));

    return (struct reader){kind, model, model != NULL ? model->reasoning : chat->reasoning_model};
}

/* --- parameters
 * -------------------------------------------------------------------------------------- */

/* The effort in the model's own words; empty: none is asked for, or it takes none. */
static struct text effort_of(const struct chat *chat, const struct reader *reader,
                             struct arena *arena)
{
    struct text asked = chat->params.json[CHAT_PARAM_REASONING_EFFORT];

    if (reader->model == NULL || asked.len == 0)
        return param_word(chat, CHAT_PARAM_REASONING_EFFORT, arena);
    return text_of(openai_effort(reader->model, asked));
}

static void put_param(struct buffer *body, const struct chat *chat, enum chat_param param)
{
    if (chat->params.json[param].len == 0)
        return;
    json_put_name(body, chat_param_name(param));
    buffer_put(body, chat->params.json[param]);
}

/* A limit below the least that is taken would be refused. */
static void put_limit(struct buffer *body, const struct chat *chat, struct arena *arena)
{
    double limit;

    if (!param_number(chat, CHAT_PARAM_MAX_TOKENS, arena, &limit))
        return;
    json_put_name(body, "max_output_tokens");
    if (limit < LEAST_MAX_OUTPUT_TOKENS)
        buffer_put_u64(body, LEAST_MAX_OUTPUT_TOKENS);
    else
        buffer_put(body, chat->params.json[CHAT_PARAM_MAX_TOKENS]);
}

static void put_params(struct buffer *body, const struct chat *chat, const struct reader *reader,
                       struct arena *arena)
{
    struct text effort = effort_of(chat, reader, arena);
    bool samples = !reader->reasoning || (reader->model != NULL && reader->model->samples_at_none &&
                                          text_equal(effort, TEXT("none")));

    put_limit(body, chat, arena);
    if (samples) {
        put_param(body, chat, CHAT_PARAM_TEMPERATURE);
        put_param(body, chat, CHAT_PARAM_TOP_P);
    }
    if (effort.len > 0) {
        buffer_put(body, TEXT(",\"reasoning\":{"));
        json_put_text(body, "effort", effort);
        buffer_put_byte(body, '}');
    }
    /* Models that do not reason refuse to include what they do not have. */
    if (reader->reasoning)
        buffer_put(body, TEXT(",\"include\":[\"reasoning.encrypted_content\"]"));
}

/* --- output
 * ------------------------------------------------------------------------------------------ */

/* How the model is held to a schema. */
enum schema_way { SCHEMA_NONE, SCHEMA_NATIVE, SCHEMA_JSON_MODE, SCHEMA_IN_WORDS };

static enum schema_way schema_way(const struct chat *chat, const struct reader *reader)
{
    const struct host_habits *host = &reader->kind->habits;

    if (chat->output_schema == NULL)
        return SCHEMA_NONE;
    if (host->schemas_alone && (chat->stream || chat->tool_count > 0))
        return SCHEMA_IN_WORDS;
    return host->schemas && (chat->output_strict.len > 0 || host->loose_schemas) ? SCHEMA_NATIVE
                                                                                 : SCHEMA_JSON_MODE;
}

static void put_output(struct buffer *body, const struct chat *chat, enum schema_way way)
{
    if (way == SCHEMA_JSON_MODE)
        buffer_put(body, TEXT(",\"text\":{\"format\":{\"type\":\"json_object\"}}"));
    if (way != SCHEMA_NATIVE)
        return;
    buffer_put(body, TEXT(",\"text\":{\"format\":{\"type\":\"json_schema\""));
    json_put_text(body, "name", chat->output_name);
    /* What is not strict is a hint, and the answer is validated here in any case. */
    if (chat->output_strict.len > 0) {
        buffer_put(body, TEXT(",\"strict\":true,\"schema\":"));
        buffer_put(body, chat->output_strict);
    } else {
        buffer_put(body, TEXT(",\"strict\":false,\"schema\":"));
        json_put_cell(body, chat->output_schema, chat->output_schema_at);
    }
    buffer_put(body, TEXT("}}"));
}

/* --- tools
 * ------------------------------------------------------------------------------------------- */

static bool takes_strict(const struct chat_tool *tool, const struct reader *reader)
{
    const char *lower = reader->kind->lower != NULL ? reader->kind->lower : "openai";

    return tool->strict && tool->parameters != NULL && reader->kind->habits.strict_tools &&
           lower_dialect_takes(lower_dialect_find(text_of(lower)), tool->parameters,
                               tool->parameters_at, NULL);
}

/* Strict is said in any case: without a word it would be. */
static void put_tool(struct buffer *body, const struct chat_tool *tool, const struct reader *reader)
{
    buffer_put(body, TEXT("{\"type\":\"function\""));
    json_put_text(body, "name", tool->name);
    if (tool->description.len > 0)
        json_put_text(body, "description", tool->description);
    json_put_name(body, "parameters");
    wire_put_parameters(body, tool);
    buffer_put(body,
               takes_strict(tool, reader) ? TEXT(",\"strict\":true}") : TEXT(",\"strict\":false}"));
}

static void put_choice(struct buffer *body, const struct chat *chat)
{
    switch (chat->choice) {
    case CHAT_CHOICE_UNSAID:
        return;
    case CHAT_CHOICE_NAMED:
        buffer_put(body, TEXT(",\"tool_choice\":{\"type\":\"function\""));
        json_put_text(body, "name", chat->choice_name);
        buffer_put_byte(body, '}');
        return;
    case CHAT_CHOICE_AUTO:
        json_put_text(body, "tool_choice", TEXT("auto"));
        return;
    case CHAT_CHOICE_NONE:
        json_put_text(body, "tool_choice", TEXT("none"));
        return;
    case CHAT_CHOICE_REQUIRED:
        json_put_text(body, "tool_choice", TEXT("required"));
        return;
    }
}

static void put_tools(struct buffer *body, const struct chat *chat, const struct reader *reader)
{
    if (chat->tool_count == 0)
        return; /* a choice among none is refused */
    json_put_name(body, "tools");
    for (size_t i = 0; i < chat->tool_count; i++) {
        buffer_put_byte(body, i == 0 ? '[' : ',');
        put_tool(body, &chat->tools[i], reader);
    }
    buffer_put_byte(body, ']');
    put_choice(body, chat);
    if (chat->one_call && (reader->model == NULL || !reader->model->many_calls))
        buffer_put(body, TEXT(",\"parallel_tool_calls\":false"));
}

/* --- all of it
 * --------------------------------------------------------------------------------------- */

static void request(const struct chat *chat, const struct provider *provider, struct text key,
                    struct arena *arena, struct wire_request *out)
{
    struct reader reader = reader_of(chat, provider);
    enum schema_way way = schema_way(chat, &reader);
    struct text instruction = {0};
    struct buffer body = buffer_in(arena);

    if (way == SCHEMA_JSON_MODE || way == SCHEMA_IN_WORDS)
        instruction = openai_instruction(chat, arena);
    buffer_reserve(&body, wire_body_bytes(chat) + instruction.len);
    buffer_put_byte(&body, '{');
    json_put_text(&body, "model", chat->model);
    responses_put_input(&body, chat, instruction, arena);
    put_params(&body, chat, &reader, arena);
    put_output(&body, chat, way);
    put_tools(&body, chat, &reader);
    buffer_put(&body, TEXT(",\"store\":false"));
    if (chat->stream)
        buffer_put(&body, TEXT(",\"stream\":true"));
    buffer_put_byte(&body, '}');
    *out = (struct wire_request){
        /* Azure's dated API has it beside the deployments, not in them. */
        .path = openai_path(provider, (struct text){0}, "/responses", arena),
        .headers = wire_headers(key, reader.kind->habits.key_header, arena),
        .body = buffer_text(&body),
    };
}

const struct dialect dialect_responses = {
    .name = "openai-responses",
    .unsaid = 1u << CHAT_PARAM_STOP | 1u << CHAT_PARAM_SEED | 1u << CHAT_PARAM_PRESENCE_PENALTY |
              1u << CHAT_PARAM_FREQUENCY_PENALTY,
    .stream_bytes = sizeof(struct responses_stream),
    .request = request,
    .answer = responses_answer,
    .event = responses_event,
    .refusal = openai_refusal,
    .embed_request = openai_embed_request,
    .embed_answer = openai_embed_answer,
};
