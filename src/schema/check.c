/* The fast program: walks the code of a node's kind and stops at the first thing that does not
 * hold. It recurses where a schema leads to another one; how deep is counted and bounded. Work is
 * paid for where there may be much of it: per container for its children, per union for its
 * branches, and in long runs by instructions that do nothing else.
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

static inline bool length_holds(const struct cell *cell, const struct code *code)
{
    if ((cell->flags & CELL_ASCII) != 0)
        return cell->size >= code->low && cell->size <= code->high;
    return assert_length(cell, code->low, code->high);
}

bool run_code(struct run *run, const struct code *code, uint32_t at)
{
    const struct cell *cell = &run->cells[at];

    for (;; code++) {
        bool holds = true;

        switch ((enum op)code->op) {
        case OP_ACCEPT:
            return run->undecided == DECIDED;
        case OP_PAY:
            holds = spend(run, code->low);
            break;
        case OP_LENGTH:
            holds = length_holds(cell, code);
            break;
        case OP_COUNT:
            holds = cell->size >= code->low && cell->size <= code->high;
            break;
        case OP_WRITTEN:
            holds = assert_written(cell);
            break;
        case OP_INT_RANGE:
            holds = cell->integer >= code->least && cell->integer <= code->most;
            break;
        case OP_RANGE:
            holds = bounds_hold(code->data, cell);
            break;
        case OP_MULTIPLE:
            holds = bound_divides(code->data, cell);
            break;
        case OP_STRING:
            holds = name_is(((const struct name_set *)code->data)->names, cell);
            break;
        case OP_STRINGS:
            holds = name_set_find(code->data, cell) != NULL;
            break;
        case OP_ONE_OF:
            holds = assert_choice(run, code->data, at);
            break;
        case OP_FORMAT:
            holds = assert_format(run, (enum format)code->a, cell_text(cell));
            break;
        case OP_PATTERN:
            holds = assert_pattern(run, code->data, cell_text(cell));
            break;
        case OP_CONTENT:
            holds = assert_content(run, code->a, cell_text(cell));
            break;
        case OP_BY_TAG:
            holds = run_by_tag(run, code->data, at);
            break;
        case OP_MEMBERS:
            holds = run_members(run, code->data, at, ~UINT64_C(0));
            break;
        case OP_REQUIRED:
            holds = run_required(run, code->data, at);
            break;
        case OP_ALL:
            holds = run_all(run, code, at);
            break;
        case OP_TUPLE:
            holds = run_tuple(run, code->data, at);
            break;
        case OP_CALL:
            holds = spend(run, 1) && run_entry(run, code->a, at);
            break;
        case OP_ANY:
        case OP_EXACTLY_ONE:
            holds = run_union(run, code, at);
            break;
        case OP_NOT:
            holds = spend(run, 1) && !run_entry(run, code->a, at) && run->undecided == DECIDED;
            break;
        case OP_IF:
            holds = run_if(run, code->data, at);
            break;
        case OP_DEPENDENT:
            holds = run_dependencies(run, code->data, at);
            break;
        case OP_CONTAINS:
            holds = run_contains(run, code, at);
            break;
        case OP_UNIQUE:
            holds = assert_unique(run, at);
            break;
        case OP_REST:
            holds = run_members(run, code->data, at, run->held);
            break;
        case OP_REST_ITEMS:
            holds = run_rest_items(run, code->data, at);
            break;
        case OP_TRACK:
            holds = run_tracked(run, code->a, at);
            break;
        case OP_PLAIN:
            holds = plain_holds(run, code->a, at);
            break;
        }
        if (!holds)
            return false;
    }
}

static bool run_counted(struct run *run, uint32_t entry, uint32_t at)
{
    bool holds;

    if (run->depth == CHECK_DEPTH_MAX)
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

bool run_entry(struct run *run, uint32_t entry, uint32_t at)
{
    if (entry < ENTRY_FIRST)
        return entry == ENTRY_ACCEPT;
    if (run->steps_left < run->memo_below && run->cells[at].type >= CELL_ARRAY)
        return run_remembering(run, entry, at);
    return run_counted(run, entry, at);
}

bool schema_check(const struct schema *schema, const struct document *document, uint32_t at,
                  struct arena *arena)
{
    struct run run;

    run_init(&run, schema, document, arena, CHECK_STEPS_MAX);
    return run_node(&run, 0, at) && run.undecided == DECIDED;
}
