/* Arguments are the input, or hold it; what comes of it is text, and where there is a schema of it
 * the same for programs. What goes wrong with a call is what the tool says, so that the model that
 * called it can do better; only what concerns the client itself is an error of the protocol. */
#include "surface/mcp.h"

#include "document/json_write.h"
#include "mcp/tool.h"
#include "surface/body_reader.h"

static const struct mcp_call *call_of(const struct call_body *body)
{
    static const struct mcp_call unknown;

    return body->own != NULL ? body->own : &unknown;
}

/* --- reading -----------------------------------------------------------------------------------
 */

static bool take_session(struct body_reader *reader, uint32_t at)
{
    const struct document *document = &reader->body->document;

    if (document->cells[at].type != CELL_STRING)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "'session_id' must be a string");
    reader->body->session_id = document_text(document, at);
    return true;
}

/* Everything but the session is the input. */
static bool read_bare(struct body_reader *reader, uint32_t object)
{
    const struct document *document = &reader->body->document;
    bool sessions = tool_takes_session(reader->endpoint);
    struct body_copy copy = body_copy_of(reader, object);

    for (uint32_t key = object + 1; key < document->cells[object].end;
         key = document_next(document, key + 1)) {
        if (!sessions || !text_equal(document_text(document, key), TEXT("session_id")))
            body_copy_keep(&copy, key);
        else if (!take_session(reader, key + 1))
            return false;
    }
    body_copy_take(&copy, reader);
    return true;
}

static bool read_wrapped(struct body_reader *reader, uint32_t object, bool text)
{
    static const char *const all[] = {"input", "session_id", NULL}, *const alone[] = {"input",
                                                                                      NULL};
    const struct document *document = &reader->body->document;
    bool sessions = tool_takes_session(reader->endpoint);
    uint32_t at = document_member(document, object, TEXT("input"));
    uint32_t session = document_member(document, object, TEXT("session_id"));

    if (!body_knows(reader, object, sessions ? all : alone,
                    "the tool has no argument of that name"))
        return false;
    if (at == CELL_NONE)
        return body_refuse(reader, object, ERROR_INVALID_REQUEST,
                           "the argument 'input' is missing");
    if (text && document->cells[at].type != CELL_STRING)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "'input' must be a string");
    if (session != CELL_NONE && !take_session(reader, session))
        return false;
    reader->body->input = document;
    reader->body->input_at = at;
    reader->body->caller_text = body_words(document, at, reader->arena);
    return true;
}

/* A call without arguments is one with none. */
static uint32_t no_arguments(struct body_reader *reader)
{
    struct document *none = ARENA_NEW(reader->arena, struct document);
    struct cell *cell = ARENA_NEW(reader->arena, struct cell);

    *cell = (struct cell){.type = CELL_OBJECT, .end = 1};
    *none = (struct document){.cells = cell, .count = 1, .source = TEXT("{}")};
    reader->body->document = *none;
    return 0;
}

/* Of a call that is made once more, for comparison, nothing is known but its message. */
static uint32_t arguments_of(const struct call_body *body)
{
    const struct mcp_call *call = body->own;
    uint32_t params;

    if (call != NULL)
        return call->arguments;
    params = document_member(&body->document, 0, TEXT("params"));
    return params != CELL_NONE ? document_member(&body->document, params, TEXT("arguments"))
                               : CELL_NONE;
}

static bool mcp_read_call(struct body_reader *reader)
{
    enum tool_form form = tool_form(reader->endpoint);
    uint32_t arguments = arguments_of(reader->body);
    uint32_t object = arguments != CELL_NONE ? arguments : no_arguments(reader);

    reader->body->notes = call_of(reader->body)->progress.len > 0;
    return form == TOOL_BARE ? read_bare(reader, object)
                             : read_wrapped(reader, object, form == TOOL_TEXT);
}

/* --- writing -----------------------------------------------------------------------------------
 */

static void mcp_answer(const struct surface_said *said, struct buffer *out)
{
    const struct mcp_asker *asker = &call_of(said->body)->asker;
    struct mcp_content content = {.text = said->answer->content};
    struct buffer session = {0};

    if (said->output != NULL)
        content.text = text_trim(said->output->source);
    else if (content.text.len == 0)
        content.text = said->answer->refusal;
    if (said->output != NULL && tool_is_structured(said->endpoint, asker->modern))
        content.structured = content.text;
    if (said->session_id.len > 0) {
        buffer_put(&session, TEXT("session_id: "));
        buffer_put(&session, said->session_id);
        content.beside = buffer_text(&session);
    }
    mcp_begin_result(out, asker);
    mcp_put_content(out, &content);
    mcp_end_result(out, asker, said->meta);
    buffer_release(&session);
}

/* What the caller of a tool can do nothing about: who asks, and whether anybody answers. */
static bool is_of_client(const struct error_row *row)
{
    return row->status == 401 || row->status == 403 || row->status == 405 || row->status == 413 ||
           row->status == 415 || row->status == 499 || row == error_row(ERROR_SHUTTING_DOWN) ||
           row == error_row(ERROR_OVERLOADED);
}

bool mcp_call_refused(const struct mcp_call *call, const struct error_row *row)
{
    return !call->called || is_of_client(row);
}

static int mcp_status(const struct error_row *row, const struct call_body *body)
{
    return mcp_call_refused(call_of(body), row) ? row->status : 200;
}

static void mcp_fault(const struct surface_fault *fault, struct buffer *out)
{
    const struct mcp_asker *asker = &call_of(fault->body)->asker;
    struct mcp_content content = {.text = fault->object, .failed = true};

    if (mcp_call_refused(call_of(fault->body), fault->row)) {
        mcp_put_error(out, asker->id, MCP_REFUSED, fault->message, fault->object);
        return;
    }
    mcp_begin_result(out, asker);
    mcp_put_content(out, &content);
    mcp_end_result(out, asker, TEXT(""));
}

static void mcp_note(const struct call_body *body, uint64_t step, struct text sentence,
                     struct buffer *out)
{
    mcp_put_progress(out, call_of(body)->progress, step, sentence);
}

static void mcp_last(struct text whole, struct buffer *out)
{
    mcp_begin_event(out);
    buffer_put(out, whole);
    mcp_end_event(out);
}

/* Its answers come whole: nothing of one is sent before all of it is checked. */
// clang-format off
const struct surface surface_mcp = {
    .name = "mcp",
    .read = mcp_read_call,
    .answer = mcp_answer,
    .fault = mcp_fault,
    .status = mcp_status,
    .note = mcp_note,
    .last = mcp_last,
};
// clang-format on
