/* One walk from the front. A bracket is read by the strict reader; where that fails, leniently, to
 * learn where what was meant ends. Where that fails too: brackets that had nothing of JSON in them
 * are prose, and the walk goes on where that was noticed; others are stepped over by counting
 * brackets. The counting only ever passes over text, it never decides what is read. One bracket may
 * be found to have no end that way, and no second one is tried, which keeps the walk linear.
 *
 * Fences follow CommonMark 0.31 section 4.5, but may be indented by any amount, may open behind
 * words on their line, and may close behind the bracket that ends the value. */
#include "document/json_outline.h"

#include "document/json_rewrite.h"

struct walk {
    const char *at, *end, *start;
    bool line_blank; /* nothing but white space before `at` on its line */
    bool endless;    /* a bracket without an end was met */
    bool complete;
    size_t work_bytes;
    const struct json_limits *limits;
    struct rewrite rewrite; /* for learning where a value ends; writes into scratch memory */
    struct arena *arena;
    void (*visit)(void *context, const struct json_piece *piece);
    void *context;
};

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

static const char *skip_blank(const char *at, const char *end)
{
    while (at < end && is_blank(*at))
        at++;
    return at;
}

static const char *run_end(const char *at, const char *end, char byte)
{
    while (at < end && *at == byte)
        at++;
    return at;
}

static const char *line_end(const char *at, const char *end)
{
    const char *found = memchr(at, '\n', (size_t)(end - at));

    return found != NULL ? found : end;
}

static void visit(struct walk *walk, enum json_piece_kind kind, const char *from, const char *to,
                  const struct document *document)
{
    struct json_piece piece = {.kind = kind, .span = text_trim(text_between(from, to))};

    if (document != NULL)
        piece.document = *document;
    walk->visit(walk->context, &piece);
}

static bool is_info(char byte)
{
    return (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') ||
           (byte != '\0' && strchr("+-_.", byte) != NULL);
}

/* Behind the line of an opening fence whose run of marks is [at, marks_end); NULL when it opens
 * none. On a line of its own it may be followed by anything without marks, behind words only by
 * one word. */
static const char *fence_content(const struct walk *walk, const char *marks_end)
{
    const char *at = marks_end;

    if (marks_end - walk->at < 3)
        return NULL;
    if (!walk->line_blank) {
        char before = walk->at > walk->start ? walk->at[-1] : ' ';

        if (*walk->at != '`' || (!is_blank(before) && before != ':'))
            return NULL;
        for (at = skip_blank(at, walk->end); at < walk->end && is_info(*at);)
            at++;
        at = skip_blank(at, walk->end);
        if (at < walk->end && *at != '\n')
            return NULL;
    }
    while (at < walk->end && *at != '\n')
        if (*at++ == '`' && *walk->at == '`')
            return NULL;
    return at < walk->end ? at + 1 : at;
}

/* The run of at least `marks` bytes that ends the line [at, end) as a closing fence, or NULL. */
static const char *closing_run(const char *at, const char *end, char mark, size_t marks)
{
    const char *run, *before;

    while (end > at && is_blank(end[-1]))
        end--;
    for (run = end; run > at && run[-1] == mark;)
        run--;
    if ((size_t)(end - run) < marks)
        return NULL;
    for (before = run; before > at && is_blank(before[-1]);)
        before--;
    return before == at || before[-1] == '}' || before[-1] == ']' ? run : NULL;
}

/* The closing fence of the content at `at`; *out_behind is the line behind it. */
static const char *find_closing(const char *at, const char *end, char mark, size_t marks,
                                const char **out_behind)
{
    while (at < end) {
        const char *stop = line_end(at, end), *run = closing_run(at, stop, mark, marks);

        *out_behind = stop;
        if (run != NULL)
            return run;
        at = stop < end ? stop + 1 : end;
    }
    *out_behind = end;
    return end;
}

/* Whether a value that ends at `at` fills the fence. */
static bool closes_fence(const char *at, const char *end, char mark, size_t marks)
{
    while (at < end && (is_blank(*at) || *at == '\n'))
        at++;
    return at == end || (size_t)(run_end(at, end, mark) - at) >= marks;
}

/* The value is read first and the closing fence looked for behind it, so that what a string of the
 * value holds is no fence. */
static void visit_fence(struct walk *walk, const char *marks_end, const char *content)
{
    size_t marks = (size_t)(marks_end - walk->at), offset = 0;
    char mark = *walk->at;
    struct document document;
    bool read = json_read_prefix(text_between(content, walk->end), walk->limits, walk->arena,
                                 &document, &offset, NULL);
    const char *from = content, *to, *behind;

    if (read)
        offset = document.source.len;
    read = read && closes_fence(content + offset, walk->end, mark, marks);
    if (read)
        from = content + offset;
    to = find_closing(from, walk->end, mark, marks, &behind);
    if (read)
        visit(walk, JSON_PIECE_FENCE, content, from, &document);
    else
        visit(walk, JSON_PIECE_FENCE, content, to, NULL);
    walk->work_bytes += offset + (size_t)(behind - content);
    walk->at = behind;
    walk->line_blank = false; /* at the line break, if there is one */
}

/* Behind a string in double quotes that begins at `at`. */
static const char *skip_string(const char *at, const char *end, char quote)
{
    for (at++; at < end && *at != quote; at++)
        if (*at == '\\' && at + 1 < end)
            at++;
    return at < end ? at + 1 : end;
}

/* Behind the bracket that closes the one at `at`, or NULL. Of whichever kind they are: this is
 * about something broken. Single quotes count where a value or name may begin. */
static const char *balance(const char *at, const char *end)
{
    size_t depth = 0;
    char before = ':';

    while (at < end) {
        char byte = *at;

        if (byte == '"' || (byte == '\'' && strchr("{[:,", before) != NULL)) {
            at = skip_string(at, end, byte);
            before = byte;
            continue;
        }
        depth += byte == '{' || byte == '[';
        depth -= byte == '}' || byte == ']';
        at++;
        if (depth == 0)
            return at;
        if (!is_blank(byte) && byte != '\n' && byte != '\0')
            before = byte;
    }
    return NULL;
}

/* Where the walk goes on behind a bracket that is not JSON; visited if a repair may make it so. */
static const char *pass_over(struct walk *walk)
{
    struct rewrite *rewrite = &walk->rewrite;
    const char *behind = NULL;
    bool whole;

    rewrite_start(rewrite, text_between(walk->at, walk->end));
    whole = rewrite_value(rewrite);
    walk->work_bytes += (size_t)(rewrite->at - walk->at);
    if (whole || (rewrite->at == walk->end && rewrite->started && walk->complete))
        visit(walk, JSON_PIECE_BRACKET, walk->at, rewrite->at, NULL);
    if (whole || !rewrite->started || walk->endless)
        return rewrite->at;
    if (rewrite->at < walk->end)
        behind = balance(walk->at, walk->end);
    walk->endless = behind == NULL;
    walk->work_bytes += (size_t)((behind != NULL ? behind : walk->end) - walk->at);
    return behind != NULL ? behind : rewrite->at;
}

static void visit_bracket(struct walk *walk)
{
    struct document document;
    size_t offset = 0;

    if (json_read_prefix(text_between(walk->at, walk->end), walk->limits, walk->arena, &document,
                         &offset, NULL)) {
        offset = document.source.len;
        visit(walk, JSON_PIECE_BRACKET, walk->at, walk->at + offset, &document);
        walk->at += offset;
    } else {
        walk->at = pass_over(walk);
    }
    walk->work_bytes += offset;
    walk->line_blank = false;
}

static void visit_marks(struct walk *walk)
{
    const char *marks_end = run_end(walk->at, walk->end, *walk->at);
    const char *content = fence_content(walk, marks_end);

    if (content != NULL) {
        visit_fence(walk, marks_end, content);
        return;
    }
    walk->at = marks_end;
    walk->line_blank = false;
}

size_t json_outline(struct text text, const struct json_limits *limits, bool complete,
                    struct arena *arena,
                    void (*visit_piece)(void *context, const struct json_piece *piece),
                    void *context)
{
    const struct json_repair_options options = {.limits = limits};
    struct walk walk = {.at = text.at, .start = text.at, .end = text.at + text.len};
    struct arena scratch = {0};

    rewrite_init(&walk.rewrite, &options, &scratch);
    walk.limits = limits;
    walk.complete = complete;
    walk.arena = arena;
    walk.visit = visit_piece;
    walk.context = context;
    walk.line_blank = true;
    while (walk.at < walk.end) {
        char byte = *walk.at;

        if (byte == '{' || byte == '[') {
            visit_bracket(&walk);
        } else if (byte == '`' || byte == '~') {
            visit_marks(&walk);
        } else {
            walk.line_blank = byte == '\n' || (walk.line_blank && is_blank(byte));
            walk.at++;
        }
    }
    arena_release(&scratch);
    return walk.work_bytes + text.len;
}
