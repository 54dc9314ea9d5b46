#include "unit.h"

#include "telemetry/trace_context.h"

#include <stdio.h>

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN  "b7ad6b7169203331"
#define GOOD  "00-" TRACE "-" SPAN "-01"

static bool reads(struct text parent)
{
    struct trace_context trace = {.flags = 0x55};
    bool good = trace_parent_read(parent, &trace);

    if (!good) /* and nothing has changed */
        EXPECT(trace.flags == 0x55 && trace.trace_id[0] == 0 && !trace_has_parent(&trace));
    return good;
}

TEST(a_caller_s_trace_is_gone_on_with)
{
    struct trace_context trace;
    char ids[TRACE_ID_CHARS + SPAN_ID_CHARS];
    uint8_t own[SPAN_ID_BYTES];

    trace_begin(&trace);
    memcpy(own, trace.span_id, sizeof own);
    EXPECT(trace_parent_read(TEXT(GOOD), &trace));
    trace_hex(ids, trace.trace_id, TRACE_ID_BYTES);
    trace_hex(ids + TRACE_ID_CHARS, trace.parent_id, SPAN_ID_BYTES);
    EXPECT_TEXT(((struct text){ids, sizeof ids}), TRACE SPAN);
    EXPECT_TEXT(text_of(trace_words_of(&trace).trace_id), TRACE);
    EXPECT_EQ(trace.flags, TRACE_SAMPLED);
    EXPECT(memcmp(own, trace.span_id, sizeof own) == 0);
    EXPECT(trace_has_parent(&trace));
}

TEST(what_is_no_traceparent_changes_nothing)
{
    EXPECT(!reads(TEXT("")));
    EXPECT(!reads(TEXT("00-" TRACE "-" SPAN "-0")));
    EXPECT(!reads(TEXT(GOOD "-")));
    EXPECT(!reads(TEXT(GOOD "-what-the-future-will-be")));
    EXPECT(!reads(TEXT(" " GOOD)));
    EXPECT(!reads(TEXT("00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01")));
    EXPECT(!reads(TEXT("00-" TRACE "-B7AD6B7169203331-01")));
    EXPECT(!reads(TEXT("00_" TRACE "-" SPAN "-01")));
    EXPECT(!reads(TEXT("00-" TRACE "_" SPAN "-01")));
    EXPECT(!reads(TEXT("00-" TRACE "-" SPAN "_01")));
    EXPECT(!reads(TEXT("00-" TRACE "-" SPAN "-0g")));
    EXPECT(!reads(TEXT("0x-" TRACE "-" SPAN "-01")));
    EXPECT(!reads(TEXT("00-00000000000000000000000000000000-" SPAN "-01")));
    EXPECT(!reads(TEXT("00-" TRACE "-0000000000000000-01")));
    EXPECT(!reads(TEXT("00-" TRACE "\0" SPAN "-01")));
}

TEST(a_later_version_is_read_as_far_as_it_is_known)
{
    EXPECT(reads(TEXT("cc-" TRACE "-" SPAN "-01")));
    EXPECT(reads(TEXT("cc-" TRACE "-" SPAN "-01-what-the-future-will-be")));
    EXPECT(!reads(TEXT("cc-" TRACE "-" SPAN "-01.what-the-future-will-not-be")));
    EXPECT(!reads(TEXT("ff-" TRACE "-" SPAN "-01")));
}

TEST(flags_that_are_not_known_are_not_passed_on)
{
    struct trace_context trace = {0};
    char out[TRACE_PARENT_CHARS];

    EXPECT(trace_parent_read(TEXT("01-" TRACE "-" SPAN "-ff"), &trace));
    trace_parent_write(out, &trace, trace.parent_id);
    EXPECT_TEXT(((struct text){out, sizeof out}), "00-" TRACE "-" SPAN "-03");
}

TEST(a_trace_that_begins_here_is_one_by_itself)
{
    struct trace_context first, second, read = {0};
    char out[TRACE_PARENT_CHARS];

    trace_begin(&first);
    for (int i = 0; i < 500; i++) { /* more than are drawn at once */
        trace_begin(&second);
        EXPECT(memcmp(first.trace_id, second.trace_id, TRACE_ID_BYTES) != 0);
        EXPECT(memcmp(first.span_id, second.span_id, SPAN_ID_BYTES) != 0);
    }
    EXPECT(!trace_has_parent(&first));
    EXPECT_EQ(first.flags, TRACE_RANDOM);
    trace_parent_write(out, &first, first.span_id);
    EXPECT(trace_parent_read((struct text){out, sizeof out}, &read));
    EXPECT(memcmp(read.trace_id, first.trace_id, TRACE_ID_BYTES) == 0);
    EXPECT(memcmp(read.parent_id, first.span_id, SPAN_ID_BYTES) == 0);
}

TEST(a_tracestate_is_passed_on_if_it_is_one)
{
    EXPECT(trace_state_fits(TEXT("rojo=00f067aa0ba902b7")));
    EXPECT(trace_state_fits(TEXT("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE")));
    EXPECT(trace_state_fits(TEXT("rojo=1 \t,\t congo=2,,")));
    EXPECT(trace_state_fits(TEXT("fw529a3039@dt=FfAf:~!")));
    EXPECT(trace_state_fits(TEXT("0a_-*/@=v w")));
    EXPECT(!trace_state_fits(TEXT("")));
    EXPECT(!trace_state_fits(TEXT(" , ,")));
    EXPECT(!trace_state_fits(TEXT("rojo")));
    EXPECT(!trace_state_fits(TEXT("rojo=")));
    EXPECT(!trace_state_fits(TEXT("=1")));
    EXPECT(!trace_state_fits(TEXT("rojo =1")));
    EXPECT(!trace_state_fits(TEXT("Rojo=1")));
    EXPECT(!trace_state_fits(TEXT("@rojo=1")));
    EXPECT(!trace_state_fits(TEXT("rojo=1=2")));
    EXPECT(!trace_state_fits(TEXT("rojo=1;congo=\x80")));
    EXPECT(!trace_state_fits(TEXT("rojo=1\r\nx: y")));
    EXPECT(!trace_state_fits(TEXT("rojo=1,congo=2,rojo=3")));
}

/* `count` members, each with a key and a value of so many bytes. */
static struct text members(char *out, size_t room, int count, int key_bytes, int value_bytes)
{
    size_t len = 0;

    for (int i = 0; i < count; i++)
        len += (size_t)snprintf(out + len, room - len, "%sk%0*d=%0*d", i > 0 ? "," : "",
                                key_bytes - 1, i, value_bytes, i);
    return (struct text){out, len};
}

TEST(the_bounds_of_a_tracestate)
{
    char out[8192];

    EXPECT(trace_state_fits(members(out, sizeof out, 32, 3, 2)));
    EXPECT(!trace_state_fits(members(out, sizeof out, 33, 3, 2)));
    EXPECT(trace_state_fits(members(out, sizeof out, 7, 256, 256)));
    EXPECT(!trace_state_fits(members(out, sizeof out, 1, 257, 1)));
    EXPECT(!trace_state_fits(members(out, sizeof out, 1, 3, 257)));
    EXPECT(!trace_state_fits(members(out, sizeof out, 8, 256, 256))); /* 4111 bytes */
}

TEST(a_tracestate_says_nothing_without_its_traceparent)
{
    struct trace_context trace = {0};

    EXPECT(!trace_join(TEXT("nonsense"), TEXT("rojo=1"), &trace));
    EXPECT_EQ(trace.state.len, 0);
    EXPECT(trace_join(TEXT(GOOD), TEXT("rojo=1,rojo=2"), &trace));
    EXPECT_EQ(trace.state.len, 0);
    EXPECT(trace_join(TEXT(GOOD), TEXT("rojo=1"), &trace));
    EXPECT_TEXT(trace.state, "rojo=1");
}
