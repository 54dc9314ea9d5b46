/* Answers without network or model, so that an endpoint can be tried before there is a key: valid
 * JSON where the endpoint has an output schema, a call with valid arguments where the caller
 * demands one, otherwise a sentence or two of what the caller sent, marked as what it is. The reply
 * is written as a compatible server would write it and read by the same dialect as any other. */
#include "demo/demo.h"

#include "base/buffer.h"
#include "demo/demo_instance.h"
#include "demo/demo_text.h"
#include "demo/demo_vectors.h"
#include "document/json_write.h"
#include "provider/openai.h"

enum {
    PIECES_MAX = 1000,    /* of a streamed answer's content */
    PIECE_BYTES_MAX = 32, /* where a text has no blanks, or it is long */
    QUOTED_POINTS = 400,  /* of the caller's text in a free answer */
};

static const char model[] = "demo (no model: extractive answers)";

/* What is written about one answer. */
struct answer {
    struct text id, content;
    struct text call, call_id, arguments; /* the tool that is called; empty: none */
    enum chat_finish finish;
    int64_t prompt_tokens, completion_tokens;
};

/* The same chat has the same id (FNV-1a), in every process. */
static struct text answer_id(const struct chat *chat, struct arena *arena)
{
    uint64_t hash = 0xCBF29CE484222325u;

    for (size_t i = 0; i < chat->message_count; i++)
        for (size_t at = 0; at < chat->messages[i].text.len; at++)
            hash = (hash ^ (unsigned char)chat->messages[i].text.at[at]) * 0x100000001B3u;
    return arena_printf(arena, "chatcmpl-demo-%016llx", (unsigned long long)hash);
}

/* What the caller said: where that is not known, the last message of a user. */
static struct text said(const struct chat *chat)
{
    if (chat->caller_text.len > 0)
        return chat->caller_text;
    for (size_t i = chat->message_count; i-- > 0;)
        if (chat->messages[i].role == CHAT_USER)
            return chat->messages[i].text;
    return (struct text){0};
}

/* Messages of the conversation before the one that is answered. */
static size_t earlier_messages(const struct chat *chat)
{
    size_t spoken = 0;

    for (size_t i = 0; i < chat->message_count; i++)
        spoken += chat->messages[i].role != CHAT_SYSTEM;
    return spoken > 0 ? spoken - 1 : 0;
}

static struct text free_answer(const struct chat *chat, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    struct demo_source source;
    struct text quoted;

    demo_source_read(said(chat), arena, &source);
    quoted = demo_pick(&source.sentences, 0);
    if (source.sentences.count > 1)
        quoted = arena_printf(arena, "%.*s %.*s", TEXT_ARG(quoted),
                              TEXT_ARG(demo_pick(&source.sentences, 1)));
    buffer_put(&out, TEXT("[demo answer, no model] "));
    buffer_put(&out, demo_shorten(quoted, QUOTED_POINTS));
    if (earlier_messages(chat) > 0)
        buffer_printf(&out, " (%zu earlier message%s in this conversation)", earlier_messages(chat),
                      earlier_messages(chat) == 1 ? "" : "s");
    return buffer_text(&out);
}

/* A free answer keeps to max_tokens; JSON cut short would help nobody. */
static void keep_limit(const struct chat *chat, struct answer *answer)
{
    uint64_t most;

    if (!text_to_u64(chat->params.json[CHAT_PARAM_MAX_TOKENS], &most) ||
        (uint64_t)answer->completion_tokens <= most)
        return;
    while ((uint64_t)chat_estimate_tokens(answer->content) > most)
        answer->content = text_cut(answer->content, answer->content.len - 1);
    answer->completion_tokens = chat_estimate_tokens(answer->content);
    answer->finish = CHAT_FINISH_LENGTH;
}

/* The tool that must be called; NULL: it may be left, and is. */
static const struct chat_tool *demanded(const struct chat *chat)
{
    if (chat->choice != CHAT_CHOICE_REQUIRED && chat->choice != CHAT_CHOICE_NAMED)
        return NULL;
    for (size_t i = 0; i < chat->tool_count; i++)
        if (chat->choice == CHAT_CHOICE_REQUIRED ||
            text_equal(chat->tools[i].name, chat->choice_name))
            return &chat->tools[i];
    return NULL;
}

static void call_tool(const struct chat *chat, const struct chat_tool *tool, struct arena *arena,
                      struct answer *answer)
{
    bool valid;

    answer->call = tool->name;
    answer->call_id = arena_printf(arena, "call_%.*s", TEXT_ARG(answer->id));
    answer->arguments =
        tool->parameters == NULL
            ? TEXT("{}")
            : demo_instance(tool->parameters, tool->parameters_at, said(chat), arena, &valid);
    answer->finish = CHAT_FINISH_TOOL_CALLS;
    answer->completion_tokens =
        chat_estimate_tokens(answer->call) + chat_estimate_tokens(answer->arguments);
}

static struct answer make_answer(const struct chat *chat, struct arena *arena)
{
    struct answer answer = {.id = answer_id(chat, arena), .finish = CHAT_FINISH_STOP};
    const struct chat_tool *tool = demanded(chat);
    bool valid;

    answer.prompt_tokens = chat_estimate_tools(chat->tools, chat->tool_count);
    for (size_t i = 0; i < chat->message_count; i++)
        answer.prompt_tokens += chat_estimate_message(&chat->messages[i]);
    answer.prompt_tokens += answer.prompt_tokens == 0;
    if (tool != NULL) {
        call_tool(chat, tool, arena, &answer);
        return answer;
    }
    if (chat->output_schema != NULL)
        answer.content =
            demo_instance(chat->output_schema, chat->output_schema_at, said(chat), arena, &valid);
    else
        answer.content = free_answer(chat, arena);
    answer.completion_tokens = chat_estimate_tokens(answer.content);
    if (chat->output_schema == NULL)
        keep_limit(chat, &answer);
    return answer;
}

static void put_head(struct buffer *out, const struct answer *answer, const char *object)
{
    buffer_put(out, TEXT("{\"id\":"));
    json_put_string(out, answer->id);
    buffer_printf(out, ",\"object\":\"%s\",\"created\":0,\"model\":\"%s\",\"choices\":[", object,
                  model);
}

static void put_usage(struct buffer *out, const struct answer *answer)
{
    buffer_printf(out,
                  ",\"usage\":{\"prompt_tokens\":%lld,\"completion_tokens\":%lld,"
                  "\"total_tokens\":%lld}",
                  (long long)answer->prompt_tokens, (long long)answer->completion_tokens,
                  (long long)(answer->prompt_tokens + answer->completion_tokens));
}

/* The member "tool_calls"; in a stream a piece of it, the first with id and name. */
static void put_call(struct buffer *out, const struct answer *answer, bool streamed, bool first,
                     struct text arguments)
{
    buffer_put(out, streamed ? TEXT("\"tool_calls\":[{\"index\":0,") : TEXT("\"tool_calls\":[{"));
    if (first) {
        buffer_put(out, TEXT("\"id\":"));
        json_put_string(out, answer->call_id);
        buffer_put(out, TEXT(",\"type\":\"function\","));
    }
    buffer_put(out, TEXT("\"function\":{"));
    if (first) {
        buffer_put(out, TEXT("\"name\":"));
        json_put_string(out, answer->call);
        buffer_put_byte(out, ',');
    }
    buffer_put(out, TEXT("\"arguments\":"));
    json_put_string(out, arguments);
    buffer_put(out, TEXT("}}]"));
}

static struct text whole_reply(const struct answer *answer, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    put_head(&out, answer, "chat.completion");
    buffer_put(&out, TEXT("{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"));
    if (answer->call.len > 0) {
        buffer_put(&out, TEXT("null,"));
        put_call(&out, answer, false, true, answer->arguments);
    } else {
        json_put_string(&out, answer->content);
    }
    buffer_printf(&out, ",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"%s\"}]",
                  chat_finish_name(answer->finish));
    put_usage(&out, answer);
    buffer_put(&out, TEXT("}"));
    return buffer_text(&out);
}

/* One event; a piece without bytes is the first one, which has the role. */
static struct text content_event(const struct answer *answer, struct text piece,
                                 struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    buffer_put(&out, TEXT("data: "));
    put_head(&out, answer, "chat.completion.chunk");
    buffer_put(&out, TEXT("{\"index\":0,\"delta\":{"));
    buffer_put(&out,
               piece.len == 0 ? TEXT("\"role\":\"assistant\",\"content\":") : TEXT("\"content\":"));
    json_put_string(&out, piece);
    buffer_put(&out, TEXT("},\"finish_reason\":null}],\"usage\":null}\n\n"));
    return buffer_text(&out);
}

static struct text call_event(const struct answer *answer, bool first, struct text piece,
                              struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    buffer_put(&out, TEXT("data: "));
    put_head(&out, answer, "chat.completion.chunk");
    buffer_put(&out, TEXT("{\"index\":0,\"delta\":{"));
    put_call(&out, answer, true, first, piece);
    buffer_put(&out, TEXT("},\"finish_reason\":null}],\"usage\":null}\n\n"));
    return buffer_text(&out);
}

static struct text finish_event(const struct answer *answer, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    buffer_put(&out, TEXT("data: "));
    put_head(&out, answer, "chat.completion.chunk");
    buffer_printf(&out, "{\"index\":0,\"delta\":{},\"finish_reason\":\"%s\"}],\"usage\":null}\n\n",
                  chat_finish_name(answer->finish));
    return buffer_text(&out);
}

static struct text usage_event(const struct answer *answer, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    buffer_put(&out, TEXT("data: "));
    put_head(&out, answer, "chat.completion.chunk");
    buffer_put(&out, TEXT("]"));
    put_usage(&out, answer);
    buffer_put(&out, TEXT("}\n\n"));
    return buffer_text(&out);
}

/* A word with the blank before it; of a long text several at once, so that pieces stay few. */
static struct text next_piece(struct text rest, size_t least)
{
    size_t len = 1;

    while (len < rest.len && (len < least || rest.at[len] != ' ') && len < least + PIECE_BYTES_MAX)
        len++;
    return text_cut(rest, len < 4 ? 4 : len);
}

static void stream_reply(const struct answer *answer, struct arena *arena,
                         const struct text **out_pieces, size_t *out_count)
{
    bool calls = answer->call.len > 0, first = true;
    struct text rest = calls ? answer->arguments : answer->content;
    size_t least = rest.len / PIECES_MAX + 1, count = 0;
    struct text *pieces = ARENA_ARRAY(arena, struct text, rest.len / least + 8);

    pieces[count++] = content_event(answer, TEXT(""), arena);
    while (rest.len > 0) {
        struct text piece = next_piece(rest, least);

        pieces[count++] =
            calls ? call_event(answer, first, piece, arena) : content_event(answer, piece, arena);
        rest = text_after(rest, piece.len);
        first = false;
    }
    pieces[count++] = finish_event(answer, arena);
    pieces[count++] = usage_event(answer, arena);
    pieces[count++] = TEXT("data: [DONE]\n\n");
    *out_pieces = pieces;
    *out_count = count;
}

void demo_reply(const struct chat *chat, struct arena *arena, const struct text **out_pieces,
                size_t *out_count)
{
    struct text *piece = ARENA_NEW(arena, struct text);
    struct answer answer;

    if (chat->embeds) {
        *piece = demo_vectors(chat, arena);
        *out_pieces = piece;
        *out_count = 1;
        return;
    }
    answer = make_answer(chat, arena);
    if (chat->stream) {
        stream_reply(&answer, arena, out_pieces, out_count);
        return;
    }
    *piece = whole_reply(&answer, arena);
    *out_pieces = piece;
    *out_count = 1;
}

const struct dialect dialect_demo = {
    .name = "demo",
    .local = true,
    .stream_bytes = sizeof(struct openai_stream),
    .request = openai_request,
    .answer = openai_answer,
    .event = openai_event,
    .refusal = openai_refusal,
    .embed_request = openai_embed_request,
    .embed_answer = openai_embed_answer,
};
