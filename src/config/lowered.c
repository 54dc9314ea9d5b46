/* The output schema of an endpoint in the terms of each provider that may be asked for it: written
 * once per schema and dialect, however many endpoints and targets share it. */
#include "config/load.h"
#include "provider/kind.h"

/* What a provider cannot be asked for is worth a warning when the first target needs it. */
static const struct lowered *lowered_in(struct load *load, const struct schema_use *output,
                                        const char *name)
{
    const struct lower_dialect *dialect = lower_dialect_find(text_of(name));
    struct lowered_use *use;

    for (use = *output->lowered; use != NULL; use = use->next)
        if (use->dialect == dialect)
            return &use->lowered;
    use = ARENA_NEW(load->arena, struct lowered_use);
    use->next = *output->lowered;
    use->dialect = dialect;
    *output->lowered = use;
    schema_lower(output->schema, dialect, load->arena, &use->lowered);
    lowered_tell(&use->lowered, dialect, load->diagnostics);
    return &use->lowered;
}

static void lower_target(struct load *load, const struct schema_use *output, struct target *target)
{
    if (target->provider != NULL && target->provider->kind->lower != NULL)
        target->lowered = lowered_in(load, output, target->provider->kind->lower);
}

void load_lowered(struct load *load, const struct schema_use *output, struct endpoint *endpoint)
{
    lower_target(load, output, &endpoint->target);
    /* Both lists were made for this endpoint, a moment ago. */
    for (size_t i = 0; i < endpoint->rules.count; i++)
        lower_target(load, output, (struct target *)(uintptr_t)&endpoint->rule_targets[i]);
    for (size_t i = 0; i < endpoint->failover_count; i++)
        lower_target(load, output, (struct target *)(uintptr_t)&endpoint->failover[i]);
}
