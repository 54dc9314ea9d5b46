/* The fast program: runs the code of a node's kind and stops at the first thing that does not hold.
 * Containers are walked by check_walk.c, scalars are run by check_scalar.c. How deep it recurses is
 * counted and bounded. Work is paid for where there may be much of it: per container for its
 * children, per union for its branches, and in long runs by instructions that do nothing else.
 *
 * Unions within unions can ask the same question again and again. A check that has taken a million
 * steps begins to remember verdicts, which makes such schemas linear in practice. */
#include "schema/check.h"

#include "base/check.h"

enum { MEMO_AFTER = 1000000, MEMO_PLACES = 1 << 15 };

struct verdict_memo {
    struct {
        uint32_t entry, at; /* entry 0: free */
        bool holds;
    } places[MEMO_PLACES];
};

void run_init(struct run *run, const struct schema *schema, const struct document *document,
              struct arena *arena, uint64_t steps)
{
    *run = (struct run){
        .schema = schema,
        .document = document,
        .cells = document->cells,
        .code = schema->code,
        .entries = schema->entries,
        .arena = arena,
        .steps_left = steps,
        .memo_below = steps > MEMO_AFTER ? steps - MEMO_AFTER : 0,
        .patterns = {.arena = arena},
    };
}

bool run_node(struct run *run, uint32_t node, uint32_t at)
{
    return run_entry(run, run->entries[node].of[cell_kind(&run->cells[at])], at);
}

/* What is rare or long. */
bool run_other(struct run *run, const struct code *code, uint32_t at)
{
    const struct cell *cell = &run->cells[at];
    const struct known_name *tag;

    switch ((enum op)code->op) {
    case OP_PAY:
        return spend(run, code->low);
    case OP_WRITTEN:
        return assert_written(cell);
    case OP_MULTIPLE:
        return bound_divides(code->data, cell);
    case OP_ONE_OF:
        return assert_choice(run, code->data, at);
    case OP_FORMAT:
        return assert_format(run, (enum format)code->a, cell_text(cell));
    case OP_CONTENT:
        return assert_content(run, code->a, cell_text(cell));
    case OP_BY_TAG:
        tag = find_tag_value(run, code->data, at);
        return tag != NULL && run_branch(run, &(struct branch){tag->entry, tag->sources}, at);
    case OP_FOUND:
        return run_found(run, code->data);
    case OP_LEFT:
        return run_left(run, code->data);
    case OP_MEMBERS:
        if (code->a == MEMBERS_FEW)
            return run_few(run, code->data, at);
        return run_ruled(run, code->data, at, ~UINT64_C(0));
    case OP_REST:
        return run_ruled(run, code->data, at, run->held);
    case OP_REQUIRED:
        return run_required(run, code->data, at);
    case OP_TUPLE:
        return run_tuple(run, code->data, at);
    case OP_CALL:
        return spend(run, 1) && run_entry(run, code->a, at);
    case OP_ANY:
    case OP_EXACTLY_ONE:
        return run_union(run, code, at);
    case OP_NOT:
        return spend(run, 1) && !run_entry(run, code->a, at) && run->undecided == DECIDED;
    case OP_IF:
        return run_if(run, code->data, at);
    case OP_DEPENDENT:
        return run_dependencies(run, code->data, at);
    case OP_CONTAINS:
        return run_contains(run, code, at);
    case OP_UNIQUE:
        return assert_unique(run, at);
    case OP_REST_ITEMS:
        return run_rest_items(run, code->data, at);
    case OP_TRACK:
        return run_tracked(run, code, at);
    case OP_PLAIN:
        return plain_holds(run, code->a, at);
    default:
        NEVER("an instruction that is run elsewhere");
    }
}

static bool run_counted(struct run *run, uint32_t entry, uint32_t at)
{
    bool holds;

    if (run->depth + (run->top - run->frames) >= CHECK_DEPTH_MAX)
        return give_up(run, TOO_DEEP);
    run->depth++;
    holds = run_code(run, &run->code[entry], at);
    run->depth--;
    return holds;
}

/* A place per pair of entry and cell, taken over by whoever asked last. */
static bool run_remembering(struct run *run, uint32_t entry, uint32_t at)
{
    size_t place = ((uint64_t)entry << 32 | at) * 0x9E3779B97F4A7C15u >> 49;
    bool holds;

    if (run->memo == NULL)
        run->memo = ARENA_NEW(run->arena, struct verdict_memo);
    if (run->memo->places[place].entry == entry && run->memo->places[place].at == at)
        return run->memo->places[place].holds;
    holds = run_counted(run, entry, at);
    if (run->undecided == DECIDED) {
        run->memo->places[place].entry = entry;
        run->memo->places[place].at = at;
        run->memo->places[place].holds = holds;
    }
    return holds;
}

/* The same as run_entry and run_value, for entries that are places in the code. */
static inline bool run_entry_code(struct run *run, uint32_t entry, uint32_t at)
{
    if (run->steps_left < run->memo_below && run->cells[at].type >= CELL_ARRAY)
        return run_remembering(run, entry, at);
    return run_counted(run, entry, at);
}

static inline bool run_value_code(struct run *run, uint32_t entry, uint32_t at)
{
    if (run->cells[at].type < CELL_ARRAY)
        return run_scalar(run, &run->code[entry], &run->cells[at]);
    return run_entry_code(run, entry, at);
}

bool run_entry(struct run *run, uint32_t entry, uint32_t at)
{
    return entry < ENTRY_FIRST ? entry == ENTRY_ACCEPT : run_entry_code(run, entry, at);
}

bool run_value(struct run *run, uint32_t entry, uint32_t at)
{
    return entry < ENTRY_FIRST ? entry == ENTRY_ACCEPT : run_value_code(run, entry, at);
}

uint32_t run_items(struct run *run, uint32_t node, uint32_t item, uint32_t until, uint32_t most)
{
    const struct entries *entries = &run->entries[node];

    while (item < until && spend(run, 1)) {
        const struct cell *cell = &run->cells[item];
        uint32_t entry = entries->of[cell_kind(cell)], next = next_cell(run->cells, item);

        if (entry == ENTRY_REJECT)
            break;
        if (entry != ENTRY_ACCEPT &&
            (next - item > most || !run_value_code(run, entry, item) || run->undecided != DECIDED))
            break;
        item = next;
    }
    return item;
}

bool schema_check(const struct schema *schema, const struct document *document, uint32_t at,
                  struct arena *arena)
{
    struct frame frames[FRAMES] __attribute__((uninitialized));
    struct run run;

    run_init(&run, schema, document, arena, schema->check_steps);
    run.frames = run.top = frames;
    run.frames_end = frames + FRAMES;
    return run_node(&run, 0, at) && run.undecided == DECIDED;
}
