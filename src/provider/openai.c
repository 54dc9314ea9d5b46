/* OpenAI Chat Completions and its compatible hosts: building the request out of the pieces of
 * openai_message.c, as the habits of the host and the row of the model say. Reading what comes back
 * is openai_read.c, what a failure means openai_error.c. */
#include "provider/openai.h"

#include "document/json_write.h"
#include "provider/openai_model.h"
#include "provider/wire.h"

/* For whom a request is written. */
struct reader {
    const struct provider_kind *kind;
    const struct host_habits *host;
    const struct openai_model *model; /* NULL: nothing is known of it */
    bool reasoning;                   /* see struct openai_model */
};

static struct reader reader_of(const struct chat *chat, const struct provider *provider)
{
    const struct provider_kind *kind = kind_at(provider);
    const struct openai_model *model = openai_model_find(kind, kind_model(provider, chat->model));

    return (struct reader){kind, &kind->habits, model,
                           model != NULL ? model->reasoning : chat->reasoning_model};
}

/* --- parameters
 * -------------------------------------------------------------------------------------- */

/* The effort in the model's own words; empty: none is asked for, or it takes none. */
static struct text effort_of(const struct chat *chat, const struct reader *reader)
{
    struct text asked = chat->params.json[CHAT_PARAM_REASONING_EFFORT];

    if (reader->model != NULL && reader->model->tools_at_none && chat->tool_count > 0)
        return TEXT("none");
    if (asked.len < 2)
        return (struct text){0};
    if (reader->model == NULL)
        return (struct text){asked.at + 1, asked.len - 2};
    return text_of(openai_effort(reader->model, asked));
}

static void put_effort(struct buffer *body, struct text effort, enum host_effort way)
{
    bool none = text_equal(effort, TEXT("none"));

    if (effort.len == 0)
        return;
    if (none && (way == EFFORT_OBJECT || way == EFFORT_ENABLED)) {
        buffer_put(body, TEXT(",\"reasoning\":{\"enabled\":false}"));
    } else if (way == EFFORT_OBJECT) {
        buffer_put(body, TEXT(",\"reasoning\":{"));
        json_put_text(body, "effort", effort);
        buffer_put_byte(body, '}');
    } else if (way == EFFORT_TEMPLATE && none) {
        buffer_put(body, TEXT(",\"chat_template_kwargs\":{\"enable_thinking\":false}"));
    } else if (way == EFFORT_TEMPLATE) {
        buffer_put(body, TEXT(",\"chat_template_kwargs\":{"));
        json_put_text(body, "reasoning_effort", effort);
        buffer_put_byte(body, '}');
    } else if (way == EFFORT_THINKING && none) {
        buffer_put(body, TEXT(",\"thinking\":{\"type\":\"disabled\"}"));
    } else {
        json_put_text(body, "reasoning_effort", effort);
    }
}

/* The name a parameter has at this host for this model; NULL: it must not be sent. */
static const char *param_name(const struct reader *reader, enum chat_param param, bool samples)
{
    switch (param) {
    case CHAT_PARAM_MAX_TOKENS:
        return reader->reasoning ? "max_completion_tokens" : reader->host->limit;
    case CHAT_PARAM_REASONING_EFFORT:
        return NULL; /* put_effort */
    case CHAT_PARAM_SEED:
        return reader->reasoning ? NULL : reader->host->seed;
    case CHAT_PARAM_TEMPERATURE:
    case CHAT_PARAM_TOP_P:
        return samples ? chat_param_name(param) : NULL;
    default:
        return reader->reasoning ? NULL : chat_param_name(param);
    }
}

static void put_params(struct buffer *body, const struct chat *chat, const struct reader *reader)
{
    struct text effort = effort_of(chat, reader);
    bool samples = !reader->reasoning || (reader->model != NULL && reader->model->samples_at_none &&
                                          text_equal(effort, TEXT("none")));

    for (int param = 0; param < CHAT_PARAM_COUNT; param++) {
        const char *name = param_name(reader, (enum chat_param)param, samples);

        if (name == NULL || chat->params.json[param].len == 0)
            continue;
        json_put_name(body, name);
        buffer_put(body, chat->params.json[param]);
    }
    put_effort(body, effort, reader->host->effort);
    if (reader->model != NULL && reader->model->also != NULL) {
        buffer_put_byte(body, ',');
        buffer_put(body, text_of(reader->model->also));
    }
}

/* --- output and tools
 * -------------------------------------------------------------------------------- */

/* How the model is held to a schema. */
enum schema_way { SCHEMA_NONE, SCHEMA_NATIVE, SCHEMA_JSON_MODE, SCHEMA_IN_WORDS };

static enum schema_way schema_way(const struct chat *chat, const struct reader *reader)
{
    if (chat->output_schema == NULL)
        return SCHEMA_NONE;
    if (reader->host->schemas_alone && (chat->stream || chat->tool_count > 0))
        return SCHEMA_IN_WORDS;
    if (!reader->host->schemas || (reader->model != NULL && reader->model->no_schemas))
        return SCHEMA_JSON_MODE;
    return chat->output_strict.len > 0 || reader->host->loose_schemas ? SCHEMA_NATIVE
                                                                      : SCHEMA_JSON_MODE;
}

static void put_output(struct buffer *body, const struct chat *chat, enum schema_way way)
{
    if (way == SCHEMA_NATIVE)
        openai_put_schema(body, chat);
    else if (way == SCHEMA_JSON_MODE)
        buffer_put(body, TEXT(",\"response_format\":{\"type\":\"json_object\"}"));
}

static void put_tools(struct buffer *body, const struct chat *chat, const struct reader *reader)
{
    const char *strict = reader->kind->lower != NULL ? reader->kind->lower : "openai";

    openai_put_tools(body, chat, reader->host->strict_tools ? strict : NULL, "required");
    if (chat->one_call && chat->tool_count > 0 &&
        (reader->model == NULL || !reader->model->many_calls))
        buffer_put(body, TEXT(",\"parallel_tool_calls\":false"));
}

/* --- all of it
 * --------------------------------------------------------------------------------------- */

void openai_request(const struct chat *chat, const struct provider *provider, struct text key,
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
    openai_put_messages(&body, chat, reader.host->thoughts, instruction);
    put_params(&body, chat, &reader);
    put_output(&body, chat, way);
    put_tools(&body, chat, &reader);
    if (chat->stream)
        buffer_put(&body, TEXT(",\"stream\":true"));
    if (chat->stream && reader.host->stream_options)
        buffer_put(&body, TEXT(",\"stream_options\":{\"include_usage\":true}"));
    buffer_put_byte(&body, '}');
    *out = (struct wire_request){
        .path = openai_path(provider, chat->model, "/chat/completions", arena),
        .headers = wire_headers(key, reader.host->key_header, arena),
        .body = buffer_text(&body),
    };
}

const struct dialect dialect_openai = {
    .name = "openai",
    .stream_bytes = sizeof(struct openai_stream),
    .request = openai_request,
    .answer = openai_answer,
    .event = openai_event,
    .refusal = openai_refusal,
    .embed_request = openai_embed_request,
    .embed_answer = openai_embed_answer,
};
