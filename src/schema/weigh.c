/* How many schemas one value may have to be checked against, its members and items left aside.
 * Alternatives that lead to the same alternatives by several ways multiply. A check that has become
 * long remembers verdicts about containers, which puts an end to that; but not about scalars, and
 * not where `unevaluated...` asks what has been evaluated. */
#include "schema/compile.h"

#include <inttypes.h>

/* A document with so many values is nothing unusual. */
enum { VALUES_EXPECTED = 1000 };

struct weighing {
    const struct compiler *compiler;
    uint64_t (*weights)[KIND_COUNT]; /* by node */
    uint64_t sum[KIND_COUNT];        /* of the node that is being weighed */
};

static uint64_t add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static void add_weights(void *context, uint32_t node, uint32_t cell)
{
    struct weighing *it = context;

    (void)cell;
    for (unsigned kind = 0; kind < KIND_COUNT; kind++)
        it->sum[kind] = add(it->sum[kind], it->weights[node][kind]);
}

/* Kinds of which verdicts are not remembered. */
static unsigned kinds_forgotten(const struct compiler *compiler)
{
    for (size_t i = 0; i < compiler->node_count; i++) {
        if (compiler->nodes[i].tracks)
            return KINDS_ANY;
    }
    return KINDS_ANY & ~(KINDS_ARRAY | KINDS_OBJECT);
}

/* Weighs a node whose alternatives have been; the most that a value of a kind may cost. */
static uint64_t weigh(struct weighing *it, uint32_t index, unsigned kinds)
{
    const struct node *node = &it->compiler->nodes[index];
    uint64_t most = 0;

    memset(it->sum, 0, sizeof it->sum);
    in_place_nodes(node, add_weights, it);
    for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
        bool settled = node->entry[kind] < ENTRY_FIRST || (kinds & KIND_BIT(kind)) == 0;

        it->weights[index][kind] = settled ? 0 : add(it->sum[kind], 1);
        if (it->weights[index][kind] > most)
            most = it->weights[index][kind];
    }
    return most;
}

void warn_of_weight(struct compiler *compiler)
{
    uint64_t most = compiler->outline.limits->check_steps / VALUES_EXPECTED;
    unsigned kinds = kinds_forgotten(compiler);
    struct weighing it = {
        .compiler = compiler,
        .weights =
            arena_alloc(compiler->scratch, compiler->node_count * sizeof(uint64_t[KIND_COUNT]))};

    for (size_t i = 0; i < compiler->node_count; i++) {
        uint32_t node = compiler->order[i];

        if (weigh(&it, node, kinds) <= most)
            continue;
        diagnostic_hint(
            compiler->diagnostics,
            OUTLINE_SAY(&compiler->outline, compiler->nodes[node].cell, DIAGNOSTIC_W0205,
                        "a single value here may have to be checked against more than %" PRIu64
                        " schemas: alternatives lead to the same ones again and again",
                        most),
            "a check may be given up as undecided; let 'type', or a member that tells the "
            "alternatives apart, decide early");
        return;
    }
}
