#include "trial/judge.h"

#include "document/json_read.h"
#include "document/json_write.h"
#include "trial/difference.h"
#include "trial/match.h"

#include <math.h>

enum { SHOWN_BYTES = 80 };

struct judging {
    const struct endpoint_test *test;
    const struct outcome *outcome;
    struct arena *arena;
};

/* --- what is looked at ---------------------------------------------------------------------------
 */

/* A value, or (document NULL) a text that is none, or nothing at all. */
struct subject {
    const struct document *document;
    uint32_t at;
    struct text text;
    bool missing;
};

/* The whole of it: the error of a call that failed, the output, or else what the model said. */
static struct subject whole_of(const struct judging *j)
{
    const struct outcome *outcome = j->outcome;

    if (outcome->error != NULL)
        return (struct subject){.document = outcome->error, .at = outcome->error_at};
    if (outcome->output != NULL)
        return (struct subject){.document = outcome->output, .at = outcome->output_at};
    return (struct subject){.text = outcome->content};
}

/* Free text that is JSON can be pointed into as well. */
static struct subject part_of(const struct judging *j, struct text pointer)
{
    struct subject subject = whole_of(j);
    struct document *read;

    if (pointer.len == 0)
        return subject;
    if (subject.document == NULL) {
        read = ARENA_NEW(j->arena, struct document);
        if (!json_read(subject.text, NULL, j->arena, read, NULL, NULL))
            return (struct subject){.missing = true};
        subject = (struct subject){.document = read};
    }
    subject.at = document_at(subject.document, subject.at, pointer);
    subject.missing = subject.at == CELL_NONE;
    return subject;
}

static struct text shortened(struct text text, struct arena *arena)
{
    struct text part = text_cut(text, SHOWN_BYTES);

    return part.len == text.len ? text : arena_printf(arena, "%.*s...", TEXT_ARG(part));
}

static struct text shown(const struct judging *j, const struct subject *subject)
{
    struct buffer out = buffer_in(j->arena);

    if (subject->missing)
        return TEXT("(nothing is there)");
    if (subject->document != NULL)
        return difference_shown(subject->document, subject->at, j->arena);
    json_put_string(&out, text_cut(subject->text, SHOWN_BYTES));
    if (subject->text.len > SHOWN_BYTES)
        buffer_put(&out, TEXT("..."));
    return buffer_text(&out);
}

/* A string as it is, anything else as compact JSON. */
static struct text as_text(const struct judging *j, const struct subject *subject)
{
    struct buffer out = buffer_in(j->arena);

    if (subject->document == NULL)
        return subject->text;
    if (document_cell(subject->document, subject->at)->type == CELL_STRING)
        return document_text(subject->document, subject->at);
    json_put_cell(&out, subject->document, subject->at);
    return buffer_text(&out);
}

static struct text value_shown_of(const struct judging *j, const struct test_assertion *it)
{
    return difference_shown(j->test->document, it->value, j->arena);
}

/* --- one function per type -----------------------------------------------------------------------
 */

static void note_where(const struct judging *j, const struct subject *subject,
                       const struct test_assertion *it, struct verdict_on *out)
{
    struct difference difference;

    if (subject->document == NULL ||
        document_cell(subject->document, subject->at)->type < CELL_ARRAY ||
        !difference_find(j->test->document, it->value, subject->document, subject->at, j->arena,
                         &difference))
        return;
    out->note =
        arena_printf(j->arena, "at %.*s: expected %.*s, got %.*s", TEXT_ARG(difference.pointer),
                     TEXT_ARG(difference.before), TEXT_ARG(difference.after));
}

static bool is_equal(const struct judging *j, const struct subject *subject,
                     const struct test_assertion *it)
{
    const struct document *wanted = j->test->document;

    if (subject->document != NULL)
        return document_equal(wanted, it->value, subject->document, subject->at);
    return document_cell(wanted, it->value)->type == CELL_STRING &&
           text_equal(document_text(wanted, it->value), subject->text);
}

static void judge_equals(const struct judging *j, const struct test_assertion *it,
                         struct verdict_on *out)
{
    struct subject subject = part_of(j, it->pointer);

    out->passed = !subject.missing && is_equal(j, &subject, it);
    out->expected = value_shown_of(j, it);
    out->got = shown(j, &subject);
    if (!out->passed && !subject.missing)
        note_where(j, &subject, it, out);
}

static void judge_pointer(const struct judging *j, const struct test_assertion *it,
                          struct verdict_on *out)
{
    struct subject subject = part_of(j, it->pointer);

    if (it->value != CELL_NONE) {
        judge_equals(j, it, out);
        return;
    }
    out->passed = !subject.missing;
    out->expected = TEXT("a value");
    out->got = shown(j, &subject);
}

static void judge_regex(const struct judging *j, const struct test_assertion *it,
                        struct verdict_on *out)
{
    struct subject subject = part_of(j, it->pointer);
    const char *why = NULL;

    out->passed = !subject.missing && match_regex(document_text(j->test->document, it->value),
                                                  as_text(j, &subject), &why);
    out->expected = arena_printf(j->arena, "a match of %.*s", TEXT_ARG(value_shown_of(j, it)));
    out->got = shown(j, &subject);
    out->note = text_of(why);
}

static void judge_contains(const struct judging *j, const struct test_assertion *it,
                           struct verdict_on *out)
{
    struct subject subject = part_of(j, it->pointer);
    struct text part = document_text(j->test->document, it->value), text;

    out->expected = arena_printf(j->arena, "%.*s in it", TEXT_ARG(value_shown_of(j, it)));
    out->got = shown(j, &subject);
    if (subject.missing)
        return;
    text = as_text(j, &subject);
    out->passed =
        part.len == 0 || (it->type == ASSERT_ICONTAINS ? match_contains(text, part)
                                                       : text_find(text, part) < text.len);
}

static void judge_json(const struct judging *j, const struct test_assertion *it,
                       struct verdict_on *out)
{
    struct subject subject = whole_of(j);
    struct document read;
    struct error err = {0};

    (void)it;
    out->passed =
        subject.document != NULL || json_read(subject.text, NULL, j->arena, &read, NULL, &err);
    out->expected = TEXT("JSON");
    out->got = shown(j, &subject);
    if (!out->passed)
        out->note = arena_printf(j->arena, "%s, at %s", err.message, err.at);
}

static void judge_schema(const struct judging *j, const struct test_assertion *it,
                         struct verdict_on *out)
{
    struct subject subject = part_of(j, it->pointer);
    struct document *read = ARENA_NEW(j->arena, struct document);
    struct violations *found = ARENA_NEW(j->arena, struct violations);

    out->expected = TEXT("what the schema allows");
    out->got = shown(j, &subject);
    if (subject.missing || it->schema == NULL)
        return;
    if (subject.document == NULL) {
        if (!json_read(subject.text, NULL, j->arena, read, NULL, NULL)) {
            out->note = TEXT("it is not JSON");
            return;
        }
        subject = (struct subject){.document = read};
    }
    out->passed = schema_check(it->schema, subject.document, subject.at, j->arena);
    if (out->passed)
        return;
    schema_explain(it->schema, subject.document, subject.at, j->arena, found);
    if (found->listed > 0)
        out->note = arena_copy(j->arena, found->items[0].message);
}

static int64_t usd_nano(const struct cell *cell)
{
    return (int64_t)llround(document_double(cell) * 1e9);
}

static void judge_cost(const struct judging *j, const struct test_assertion *it,
                       struct verdict_on *out)
{
    struct buffer got = buffer_in(j->arena);
    int64_t cost = j->outcome->cost_nano;

    out->passed = cost >= 0 && cost <= usd_nano(document_cell(j->test->document, it->value));
    out->expected = arena_printf(j->arena, "at most %.*s USD", TEXT_ARG(value_shown_of(j, it)));
    if (cost < 0) {
        out->got = TEXT("a cost that is not known");
        out->note = TEXT("the price of the model is not known; add it under 'prices'");
        return;
    }
    json_put_nano(&got, cost);
    buffer_put(&got, TEXT(" USD"));
    out->got = buffer_text(&got);
}

static void judge_most(const struct judging *j, const struct test_assertion *it, int64_t got,
                       const char *unit, struct verdict_on *out)
{
    int64_t most = document_cell(j->test->document, it->value)->integer;

    out->passed = got <= most;
    out->expected = arena_printf(j->arena, "at most %lld %s", (long long)most, unit);
    out->got = arena_printf(j->arena, "%lld %s", (long long)got, unit);
}

static void judge_latency(const struct judging *j, const struct test_assertion *it,
                          struct verdict_on *out)
{
    judge_most(j, it, j->outcome->latency_ms, "ms", out);
    if (j->outcome->latency_ms >= 0)
        return;
    out->passed = out->skipped = true;
    out->got = TEXT("nothing that took time");
    out->note = TEXT("only a call of a provider says how long one takes: --live");
}

static void judge_tokens(const struct judging *j, const struct test_assertion *it,
                         struct verdict_on *out)
{
    judge_most(j, it, j->outcome->completion_tokens, "tokens", out);
}

static void judge_route(const struct judging *j, const struct test_assertion *it,
                        struct verdict_on *out)
{
    struct text route = j->outcome->route;

    out->passed = text_equal(document_text(j->test->document, it->value), route);
    out->expected = value_shown_of(j, it);
    out->got = route.len > 0 ? shortened(route, j->arena) : TEXT("no route: it was refused before");
}

static struct text status_shown(const struct judging *j)
{
    const struct outcome *outcome = j->outcome;
    uint32_t code, message;

    if (outcome->error == NULL)
        return arena_printf(j->arena, "%d", outcome->status);
    code = document_member(outcome->error, outcome->error_at, TEXT("code"));
    message = document_member(outcome->error, outcome->error_at, TEXT("message"));
    if (code == CELL_NONE || message == CELL_NONE)
        return arena_printf(j->arena, "%d", outcome->status);
    return arena_printf(j->arena, "%d %.*s: %.*s", outcome->status,
                        TEXT_ARG(document_text(outcome->error, code)),
                        TEXT_ARG(document_text(outcome->error, message)));
}

static void judge_status(const struct judging *j, const struct test_assertion *it,
                         struct verdict_on *out)
{
    int64_t wanted = document_cell(j->test->document, it->value)->integer;

    out->passed = wanted == j->outcome->status;
    out->expected = arena_printf(j->arena, "%lld", (long long)wanted);
    out->got = status_shown(j);
}

/* --- all of them ---------------------------------------------------------------------------------
 */

static void (*const judges[ASSERTION_TYPE_COUNT])(const struct judging *j,
                                                  const struct test_assertion *it,
                                                  struct verdict_on *out) = {
    [ASSERT_EQUALS] = judge_equals,        [ASSERT_CONTAINS] = judge_contains,
    [ASSERT_ICONTAINS] = judge_contains,   [ASSERT_REGEX] = judge_regex,
    [ASSERT_IS_JSON] = judge_json,         [ASSERT_JSON_SCHEMA] = judge_schema,
    [ASSERT_JSON_POINTER] = judge_pointer, [ASSERT_MAX_LATENCY] = judge_latency,
    [ASSERT_MAX_COST] = judge_cost,        [ASSERT_MAX_TOKENS] = judge_tokens,
    [ASSERT_ROUTE] = judge_route,          [ASSERT_STATUS] = judge_status,
};

/* The assertion about the status, or NULL. */
static const struct test_assertion *about_status(const struct endpoint_test *test)
{
    for (size_t i = 0; i < test->assertion_count; i++)
        if (test->assertions[i].type == ASSERT_STATUS)
            return &test->assertions[i];
    return NULL;
}

/* Of a call that failed and was not to, the failure is all there is to tell. */
static bool judge_failure(const struct judging *j, struct verdict_on *out)
{
    const struct test_assertion *status = about_status(j->test);

    *out = (struct verdict_on){.assertion = status};
    if (status != NULL) {
        judge_status(j, status, out);
        return !out->passed;
    }
    out->expected = TEXT("an answer");
    out->got = status_shown(j);
    out->note = TEXT("where a failure is wanted, assert {type: status, value: ...}");
    return true;
}

size_t judge(const struct endpoint_test *test, const struct outcome *outcome, struct arena *arena,
             struct verdict_on *out)
{
    const struct judging j = {test, outcome, arena};

    if (outcome->error != NULL && judge_failure(&j, out))
        return 1;
    for (size_t i = 0; i < test->assertion_count; i++) {
        out[i] = (struct verdict_on){.assertion = &test->assertions[i]};
        judges[test->assertions[i].type](&j, &test->assertions[i], &out[i]);
    }
    return test->assertion_count;
}
