#include "config/caller_output.h"

#include "base/buffer.h"
#include "document/json_write.h"
#include "provider/kind.h"

/* One schema is written once per dialect, however many targets speak it. */
struct lowering {
    const struct caller_output *output;
    struct arena *arena;
    struct lowered_once {
        struct lowered_once *next;
        const struct lower_dialect *dialect;
        struct lowered lowered;
    } * done;
};

static const struct lowered *lowered_for(struct lowering *lowering, const struct target *target)
{
    const char *name = target->provider->kind->lower;
    const struct lower_dialect *dialect;
    struct lowered_once *once;

    if (name == NULL || lowering->output->loose)
        return NULL;
    dialect = lower_dialect_find(text_of(name));
    for (once = lowering->done; once != NULL; once = once->next)
        if (once->dialect == dialect)
            return &once->lowered;
    once = ARENA_NEW(lowering->arena, struct lowered_once);
    once->dialect = dialect;
    once->next = lowering->done;
    lowering->done = once;
    schema_lower(lowering->output->schema, dialect, lowering->arena, &once->lowered);
    return &once->lowered;
}

static const struct target *lower_all(struct lowering *lowering, const struct target *targets,
                                      size_t count)
{
    struct target *copies = ARENA_ARRAY(lowering->arena, struct target, count);

    for (size_t i = 0; i < count; i++) {
        copies[i] = targets[i];
        copies[i].lowered = lowered_for(lowering, &targets[i]);
    }
    return copies;
}

static struct endpoint *copy(struct lowering *lowering, const struct endpoint *endpoint)
{
    const struct caller_output *output = lowering->output;
    struct endpoint *made = ARENA_NEW(lowering->arena, struct endpoint);
    struct buffer source = buffer_in(lowering->arena);

    *made = *endpoint;
    made->output = output->schema;
    made->output_document = output->document;
    made->output_at = output->at;
    json_put_cell(&source, output->document, output->at);
    made->output_tokens = chat_estimate_tokens(buffer_text(&source));
    made->target.lowered = lowered_for(lowering, &endpoint->target);
    made->failover = lower_all(lowering, endpoint->failover, endpoint->failover_count);
    if (endpoint->rules.count > 0)
        made->rule_targets = lower_all(lowering, endpoint->rule_targets, endpoint->rules.count);
    return made;
}

const struct endpoint *endpoint_with_output(const struct endpoint *endpoint,
                                            const struct caller_output *output, struct arena *arena)
{
    struct lowering lowering = {.output = output, .arena = arena};
    struct endpoint *made = copy(&lowering, endpoint);
    const struct endpoint **others;

    if (endpoint->rule_endpoints == NULL)
        return made;
    others = ARENA_ARRAY(arena, const struct endpoint *, endpoint->rules.count);
    for (size_t i = 0; i < endpoint->rules.count; i++)
        if (endpoint->rule_endpoints[i] != NULL)
            others[i] = copy(&lowering, endpoint->rule_endpoints[i]);
    made->rule_endpoints = others;
    return made;
}
