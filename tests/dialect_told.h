/* tests/dialect_told.h
 * Private to dialect_cases.h: what a dialect has read, as text, a line for each thing it says. */
#pragma once
#include "dialect_chat.h"

#include "document/json_write.h"

static void put_usage(struct buffer *out, const struct chat_usage *usage)
{
    if (!usage->reported) {
        EXPECT_EQ(usage->prompt_tokens + usage->completion_tokens, 0);
        buffer_put(out, TEXT("usage not reported\n"));
        return;
    }
    buffer_printf(out,
                  "reported prompt %lld completion %lld cached %lld written %lld reasoning %lld\n",
                  (long long)usage->prompt_tokens, (long long)usage->completion_tokens,
                  (long long)usage->cached_tokens, (long long)usage->cache_write_tokens,
                  (long long)usage->reasoning_tokens);
}

static void put_fact(struct buffer *out, const char *name, struct text value)
{
    if (value.len == 0)
        return;
    buffer_printf(out, "%s ", name);
    json_put_string(out, value);
    buffer_put_byte(out, '\n');
}

static void put_failure(struct buffer *out, const struct failure *failure)
{
    const struct error *err = &failure->error;

    EXPECT(failure->kind != FAILURE_NONE && err->code != ERROR_NONE);
    buffer_printf(out, "failure %s: %s %d: %s%s%s\n", failure_row(failure->kind)->word,
                  error_row(err->code)->word, error_row(err->code)->status, err->message,
                  err->at[0] ? " at " : "", err->at);
    if (err->hint[0] != '\0')
        buffer_printf(out, "hint %s\n", err->hint);
    if (failure->retry_after_ms > 0)
        buffer_printf(out, "retry after %llu ms\n", (unsigned long long)failure->retry_after_ms);
}

static void put_part(struct buffer *out, const struct chat_part *part)
{
    if (part->type == CHAT_TEXT) {
        put_fact(out, "part", part->text);
    } else if (part->type == CHAT_REASONING) {
        buffer_put(out, TEXT("reasoning "));
        json_put_string(out, part->text);
        buffer_put_byte(out, '\n');
    } else {
        buffer_printf(out, "call %.*s %.*s ", TEXT_ARG(part->id), TEXT_ARG(part->name));
        json_put_string(out, part->text);
        buffer_put_byte(out, '\n');
    }
    if (part->state.len > 0)
        buffer_printf(out, "state of %s %.*s\n", part->state_of, TEXT_ARG(part->state));
}

static void put_answer(struct buffer *out, const struct chat_answer *answer)
{
    put_fact(out, "id", answer->id);
    put_fact(out, "model", answer->model);
    put_fact(out, "content", answer->content);
    put_fact(out, "refusal", answer->refusal);
    for (size_t i = 0; i < answer->part_count; i++)
        if (answer->part_count > 1 || answer->parts[i].type != CHAT_TEXT)
            put_part(out, &answer->parts[i]);
    buffer_printf(out, "finish %s\n", chat_finish_name(answer->finish));
    put_fact(out, "stopped by", answer->stop);
    put_usage(out, &answer->usage);
}

static struct text told_answer(struct text body, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    struct chat_answer answer;
    struct failure failure = {0};

    if (dialect_under_test->answer(body, arena, &answer, &failure))
        put_answer(&out, &answer);
    else
        put_failure(&out, &failure);
    return buffer_text(&out);
}

static struct text told_embeddings(struct text body, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    struct embed_answer answer;
    struct failure failure = {0};

    if (!dialect_under_test->embed_answer(body, 2, arena, &answer, &failure)) {
        put_failure(&out, &failure);
        return buffer_text(&out);
    }
    put_fact(&out, "model", answer.model);
    for (size_t i = 0; i < answer.vector_count; i++) {
        buffer_put(&out, TEXT("vector"));
        for (size_t at = 0; at < answer.dimensions; at++)
            buffer_printf(&out, " %g", (double)answer.vectors[i][at]);
        buffer_put_byte(&out, '\n');
    }
    put_usage(&out, &answer.usage);
    return buffer_text(&out);
}

static struct text told_refusal(const struct document *file, struct text body, struct arena *arena)
{
    const struct wire_refusal refusal = {(int)integer_of(file, 0, "status"), body,
                                         (uint64_t)integer_of(file, 0, "retry_after_s") * 1000};
    struct buffer out = buffer_in(arena);
    struct failure failure = {0};

    dialect_under_test->refusal(&refusal, arena, &failure);
    EXPECT_EQ(failure.status, refusal.status);
    put_failure(&out, &failure);
    return buffer_text(&out);
}
