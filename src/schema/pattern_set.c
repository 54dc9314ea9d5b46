/* Sets of code points: ranges as they are written, classes spelled out because ECMAScript's \d and
 * \w are ASCII and its \s is not what the library's is, and properties by their library names. */
#include "schema/pattern_tree.h"

void code_set_add(struct code_set *set, struct arena *arena, uint32_t first, uint32_t last)
{
    if (set->count == set->room) {
        size_t room = set->room ? set->room * 2 : 4;

        set->ranges = arena_grow(arena, set->ranges, set->room * sizeof *set->ranges,
                                 room * sizeof *set->ranges);
        set->room = room;
    }
    set->ranges[set->count++] = (struct code_range){first, last};
}

static const struct code_range digit_ranges[] = {{'0', '9'}};
static const struct code_range word_ranges[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
/* ECMA-262 WhiteSpace and LineTerminator, in order. */
static const struct code_range space_ranges[] = {
    {0x09, 0x0D},     {0x20, 0x20},     {0xA0, 0xA0},     {0x1680, 0x1680}, {0x2000, 0x200A},
    {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF},
};

static void add_ranges(struct code_set *set, struct arena *arena, const struct code_range *ranges,
                       size_t count, bool negated)
{
    uint32_t next = 0;

    for (size_t i = 0; i < count; i++) {
        if (!negated)
            code_set_add(set, arena, ranges[i].first, ranges[i].last);
        else if (ranges[i].first > next)
            code_set_add(set, arena, next, ranges[i].first - 1);
        next = ranges[i].last + 1;
    }
    if (negated)
        code_set_add(set, arena, next, CODE_POINT_MAX);
}

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

void code_set_add_class(struct code_set *set, struct arena *arena, char letter)
{
    bool negated = letter >= 'A' && letter <= 'Z';

    switch (letter | 0x20) {
    case 'd':
        add_ranges(set, arena, digit_ranges, COUNT_OF(digit_ranges), negated);
        break;
    case 'w':
        add_ranges(set, arena, word_ranges, COUNT_OF(word_ranges), negated);
        break;
    default:
        add_ranges(set, arena, space_ranges, COUNT_OF(space_ranges), negated);
        break;
    }
}

/* Values of General_Category, ECMA-262 table "Value aliases": every name leads to the short one. */
static const struct {
    const char *name, *also, *brief;
} categories[] = {
    {"Cased_Letter", "LC", "L&"},
    {"Close_Punctuation", "Pe", "Pe"},
    {"Connector_Punctuation", "Pc", "Pc"},
    {"Control", "Cc", "Cc"},
    {"cntrl", "Cc", "Cc"},
    {"Currency_Symbol", "Sc", "Sc"},
    {"Dash_Punctuation", "Pd", "Pd"},
    {"Decimal_Number", "Nd", "Nd"},
    {"digit", "Nd", "Nd"},
    {"Enclosing_Mark", "Me", "Me"},
    {"Final_Punctuation", "Pf", "Pf"},
    {"Format", "Cf", "Cf"},
    {"Initial_Punctuation", "Pi", "Pi"},
    {"Letter", "L", "L"},
    {"Letter_Number", "Nl", "Nl"},
    {"Line_Separator", "Zl", "Zl"},
    {"Lowercase_Letter", "Ll", "Ll"},
    {"Mark", "M", "M"},
    {"Combining_Mark", "M", "M"},
    {"Math_Symbol", "Sm", "Sm"},
    {"Modifier_Letter", "Lm", "Lm"},
    {"Modifier_Symbol", "Sk", "Sk"},
    {"Nonspacing_Mark", "Mn", "Mn"},
    {"Number", "N", "N"},
    {"Open_Punctuation", "Ps", "Ps"},
    {"Other", "C", "C"},
    {"Other_Letter", "Lo", "Lo"},
    {"Other_Number", "No", "No"},
    {"Other_Punctuation", "Po", "Po"},
    {"Other_Symbol", "So", "So"},
    {"Paragraph_Separator", "Zp", "Zp"},
    {"Private_Use", "Co", "Co"},
    {"Punctuation", "P", "P"},
    {"punct", "P", "P"},
    {"Separator", "Z", "Z"},
    {"Space_Separator", "Zs", "Zs"},
    {"Spacing_Mark", "Mc", "Mc"},
    {"Surrogate", "Cs", "Cs"},
    {"Symbol", "S", "S"},
    {"Titlecase_Letter", "Lt", "Lt"},
    {"Unassigned", "Cn", "Cn"},
    {"Uppercase_Letter", "Lu", "Lu"},
};

/* Binary properties of ECMA-262 that the library has, with their short names. */
static const struct {
    const char *name, *also;
} binaries[] = {
    {"ASCII_Hex_Digit", "AHex"},
    {"Alphabetic", "Alpha"},
    {"Bidi_Control", "Bidi_C"},
    {"Bidi_Mirrored", "Bidi_M"},
    {"Case_Ignorable", "CI"},
    {"Cased", NULL},
    {"Changes_When_Casefolded", "CWCF"},
    {"Changes_When_Casemapped", "CWCM"},
    {"Changes_When_Lowercased", "CWL"},
    {"Changes_When_Titlecased", "CWT"},
    {"Changes_When_Uppercased", "CWU"},
    {"Dash", NULL},
    {"Default_Ignorable_Code_Point", "DI"},
    {"Deprecated", "Dep"},
    {"Diacritic", "Dia"},
    {"Emoji", NULL},
    {"Emoji_Component", "EComp"},
    {"Emoji_Modifier", "EMod"},
    {"Emoji_Modifier_Base", "EBase"},
    {"Emoji_Presentation", "EPres"},
    {"Extended_Pictographic", "ExtPict"},
    {"Extender", "Ext"},
    {"Grapheme_Base", "Gr_Base"},
    {"Grapheme_Extend", "Gr_Ext"},
    {"Hex_Digit", "Hex"},
    {"IDS_Binary_Operator", "IDSB"},
    {"IDS_Trinary_Operator", "IDST"},
    {"ID_Continue", "IDC"},
    {"ID_Start", "IDS"},
    {"Ideographic", "Ideo"},
    {"Join_Control", "Join_C"},
    {"Logical_Order_Exception", "LOE"},
    {"Lowercase", "Lower"},
    {"Math", NULL},
    {"Noncharacter_Code_Point", "NChar"},
    {"Pattern_Syntax", "Pat_Syn"},
    {"Pattern_White_Space", "Pat_WS"},
    {"Quotation_Mark", "QMark"},
    {"Radical", NULL},
    {"Regional_Indicator", "RI"},
    {"Sentence_Terminal", "STerm"},
    {"Soft_Dotted", "SD"},
    {"Terminal_Punctuation", "Term"},
    {"Unified_Ideograph", "UIdeo"},
    {"Uppercase", "Upper"},
    {"Variation_Selector", "VS"},
    {"White_Space", "space"},
    {"XID_Continue", "XIDC"},
    {"XID_Start", "XIDS"},
};

static bool is(struct text text, const char *name)
{
    return name != NULL && text_equal(text, text_of(name));
}

static const char *find_category(struct text name)
{
    for (size_t i = 0; i < COUNT_OF(categories); i++) {
        if (is(name, categories[i].name) || is(name, categories[i].also))
            return categories[i].brief;
    }
    return NULL;
}

static const char *find_binary(struct text name)
{
    for (size_t i = 0; i < COUNT_OF(binaries); i++) {
        if (is(name, binaries[i].name) || is(name, binaries[i].also))
            return binaries[i].name;
    }
    return NULL;
}

static void add_property(struct code_set *set, struct arena *arena, struct text name, bool negated)
{
    struct code_property *property = ARENA_NEW(arena, struct code_property);

    *property = (struct code_property){name, negated, set->properties};
    set->properties = property;
}

/* The names of scripts are the library's business; only their look is checked here. */
static bool is_script(struct text name)
{
    if (name.len == 0 || name.len > 40 || name.at[0] < 'A' || name.at[0] > 'Z')
        return false;
    for (size_t i = 1; i < name.len; i++) {
        char byte = name.at[i];

        if (byte != '_' && !(byte >= 'a' && byte <= 'z') && !(byte >= 'A' && byte <= 'Z'))
            return false;
    }
    return true;
}

static bool add_pair(struct code_set *set, struct arena *arena, struct text key, struct text value,
                     bool negated)
{
    const char *category;

    if (is(key, "General_Category") || is(key, "gc")) {
        category = find_category(value);
        if (category != NULL)
            add_property(set, arena, text_of(category), negated);
        return category != NULL;
    }
    if (!is_script(value))
        return false;
    if (is(key, "Script") || is(key, "sc"))
        add_property(set, arena, arena_printf(arena, "sc:%.*s", TEXT_ARG(value)), negated);
    else if (is(key, "Script_Extensions") || is(key, "scx"))
        add_property(set, arena, arena_printf(arena, "scx:%.*s", TEXT_ARG(value)), negated);
    else
        return false;
    return true;
}

bool code_set_add_property(struct code_set *set, struct arena *arena, struct text expression,
                           bool negated)
{
    static const struct code_range ascii[] = {{0, 0x7F}};
    size_t equals = text_find_byte(expression, '=');
    const char *name;

    if (equals < expression.len)
        return add_pair(set, arena, text_first(expression, equals),
                        text_after(expression, equals + 1), negated);
    if (is(expression, "ASCII")) {
        add_ranges(set, arena, ascii, 1, negated);
    } else if (is(expression, "Any")) {
        if (!negated)
            code_set_add(set, arena, 0, CODE_POINT_MAX);
    } else if (is(expression, "Assigned")) {
        add_property(set, arena, TEXT("Cn"), !negated);
    } else {
        name = find_category(expression);
        name = name ? name : find_binary(expression);
        if (name == NULL)
            return false;
        add_property(set, arena, text_of(name), negated);
    }
    return true;
}
