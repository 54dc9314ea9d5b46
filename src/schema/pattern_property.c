/* The names that ECMA-262 gives to Unicode properties, exactly as it writes them, and what the
 * pattern library calls them. Unicode adds scripts every year; whether
 * the library is new enough for one is asked elsewhere. */
#include "schema/pattern_set.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

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

/* Binary properties of ECMA-262, with their short names. */
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
    {"Changes_When_NFKC_Casefolded", "CWKCF"},
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

/* Values of Script and Script_Extensions (UAX #24, PropertyValueAliases.txt). */
static const struct {
    const char *name, *also, *third;
} scripts[] = {
    {"Adlam", "Adlm", NULL},
    {"Ahom", "Ahom", NULL},
    {"Anatolian_Hieroglyphs", "Hluw", NULL},
    {"Arabic", "Arab", NULL},
    {"Armenian", "Armn", NULL},
    {"Avestan", "Avst", NULL},
    {"Balinese", "Bali", NULL},
    {"Bamum", "Bamu", NULL},
    {"Bassa_Vah", "Bass", NULL},
    {"Batak", "Batk", NULL},
    {"Bengali", "Beng", NULL},
    {"Bhaiksuki", "Bhks", NULL},
    {"Bopomofo", "Bopo", NULL},
    {"Brahmi", "Brah", NULL},
    {"Braille", "Brai", NULL},
    {"Buginese", "Bugi", NULL},
    {"Buhid", "Buhd", NULL},
    {"Canadian_Aboriginal", "Cans", NULL},
    {"Carian", "Cari", NULL},
    {"Caucasian_Albanian", "Aghb", NULL},
    {"Chakma", "Cakm", NULL},
    {"Cham", "Cham", NULL},
    {"Cherokee", "Cher", NULL},
    {"Chorasmian", "Chrs", NULL},
    {"Common", "Zyyy", NULL},
    {"Coptic", "Copt", "Qaac"},
    {"Cuneiform", "Xsux", NULL},
    {"Cypriot", "Cprt", NULL},
    {"Cypro_Minoan", "Cpmn", NULL},
    {"Cyrillic", "Cyrl", NULL},
    {"Deseret", "Dsrt", NULL},
    {"Devanagari", "Deva", NULL},
    {"Dives_Akuru", "Diak", NULL},
    {"Dogra", "Dogr", NULL},
    {"Duployan", "Dupl", NULL},
    {"Egyptian_Hieroglyphs", "Egyp", NULL},
    {"Elbasan", "Elba", NULL},
    {"Elymaic", "Elym", NULL},
    {"Ethiopic", "Ethi", NULL},
    {"Garay", "Gara", NULL},
    {"Georgian", "Geor", NULL},
    {"Glagolitic", "Glag", NULL},
    {"Gothic", "Goth", NULL},
    {"Grantha", "Gran", NULL},
    {"Greek", "Grek", NULL},
    {"Gujarati", "Gujr", NULL},
    {"Gunjala_Gondi", "Gong", NULL},
    {"Gurmukhi", "Guru", NULL},
    {"Gurung_Khema", "Gukh", NULL},
    {"Han", "Hani", NULL},
    {"Hangul", "Hang", NULL},
    {"Hanifi_Rohingya", "Rohg", NULL},
    {"Hanunoo", "Hano", NULL},
    {"Hatran", "Hatr", NULL},
    {"Hebrew", "Hebr", NULL},
    {"Hiragana", "Hira", NULL},
    {"Imperial_Aramaic", "Armi", NULL},
    {"Inherited", "Zinh", "Qaai"},
    {"Inscriptional_Pahlavi", "Phli", NULL},
    {"Inscriptional_Parthian", "Prti", NULL},
    {"Javanese", "Java", NULL},
    {"Kaithi", "Kthi", NULL},
    {"Kannada", "Knda", NULL},
    {"Katakana", "Kana", NULL},
    {"Kawi", "Kawi", NULL},
    {"Kayah_Li", "Kali", NULL},
    {"Kharoshthi", "Khar", NULL},
    {"Khitan_Small_Script", "Kits", NULL},
    {"Khmer", "Khmr", NULL},
    {"Khojki", "Khoj", NULL},
    {"Khudawadi", "Sind", NULL},
    {"Kirat_Rai", "Krai", NULL},
    {"Lao", "Laoo", NULL},
    {"Latin", "Latn", NULL},
    {"Lepcha", "Lepc", NULL},
    {"Limbu", "Limb", NULL},
    {"Linear_A", "Lina", NULL},
    {"Linear_B", "Linb", NULL},
    {"Lisu", "Lisu", NULL},
    {"Lycian", "Lyci", NULL},
    {"Lydian", "Lydi", NULL},
    {"Mahajani", "Mahj", NULL},
    {"Makasar", "Maka", NULL},
    {"Malayalam", "Mlym", NULL},
    {"Mandaic", "Mand", NULL},
    {"Manichaean", "Mani", NULL},
    {"Marchen", "Marc", NULL},
    {"Masaram_Gondi", "Gonm", NULL},
    {"Medefaidrin", "Medf", NULL},
    {"Meetei_Mayek", "Mtei", NULL},
    {"Mende_Kikakui", "Mend", NULL},
    {"Meroitic_Cursive", "Merc", NULL},
    {"Meroitic_Hieroglyphs", "Mero", NULL},
    {"Miao", "Plrd", NULL},
    {"Modi", "Modi", NULL},
    {"Mongolian", "Mong", NULL},
    {"Mro", "Mroo", NULL},
    {"Multani", "Mult", NULL},
    {"Myanmar", "Mymr", NULL},
    {"Nabataean", "Nbat", NULL},
    {"Nag_Mundari", "Nagm", NULL},
    {"Nandinagari", "Nand", NULL},
    {"New_Tai_Lue", "Talu", NULL},
    {"Newa", "Newa", NULL},
    {"Nko", "Nkoo", NULL},
    {"Nushu", "Nshu", NULL},
    {"Nyiakeng_Puachue_Hmong", "Hmnp", NULL},
    {"Ogham", "Ogam", NULL},
    {"Ol_Chiki", "Olck", NULL},
    {"Ol_Onal", "Onao", NULL},
    {"Old_Hungarian", "Hung", NULL},
    {"Old_Italic", "Ital", NULL},
    {"Old_North_Arabian", "Narb", NULL},
    {"Old_Permic", "Perm", NULL},
    {"Old_Persian", "Xpeo", NULL},
    {"Old_Sogdian", "Sogo", NULL},
    {"Old_South_Arabian", "Sarb", NULL},
    {"Old_Turkic", "Orkh", NULL},
    {"Old_Uyghur", "Ougr", NULL},
    {"Oriya", "Orya", NULL},
    {"Osage", "Osge", NULL},
    {"Osmanya", "Osma", NULL},
    {"Pahawh_Hmong", "Hmng", NULL},
    {"Palmyrene", "Palm", NULL},
    {"Pau_Cin_Hau", "Pauc", NULL},
    {"Phags_Pa", "Phag", NULL},
    {"Phoenician", "Phnx", NULL},
    {"Psalter_Pahlavi", "Phlp", NULL},
    {"Rejang", "Rjng", NULL},
    {"Runic", "Runr", NULL},
    {"Samaritan", "Samr", NULL},
    {"Saurashtra", "Saur", NULL},
    {"Sharada", "Shrd", NULL},
    {"Shavian", "Shaw", NULL},
    {"Siddham", "Sidd", NULL},
    {"SignWriting", "Sgnw", NULL},
    {"Sinhala", "Sinh", NULL},
    {"Sogdian", "Sogd", NULL},
    {"Sora_Sompeng", "Sora", NULL},
    {"Soyombo", "Soyo", NULL},
    {"Sundanese", "Sund", NULL},
    {"Sunuwar", "Sunu", NULL},
    {"Syloti_Nagri", "Sylo", NULL},
    {"Syriac", "Syrc", NULL},
    {"Tagalog", "Tglg", NULL},
    {"Tagbanwa", "Tagb", NULL},
    {"Tai_Le", "Tale", NULL},
    {"Tai_Tham", "Lana", NULL},
    {"Tai_Viet", "Tavt", NULL},
    {"Takri", "Takr", NULL},
    {"Tamil", "Taml", NULL},
    {"Tangsa", "Tnsa", NULL},
    {"Tangut", "Tang", NULL},
    {"Telugu", "Telu", NULL},
    {"Thaana", "Thaa", NULL},
    {"Thai", "Thai", NULL},
    {"Tibetan", "Tibt", NULL},
    {"Tifinagh", "Tfng", NULL},
    {"Tirhuta", "Tirh", NULL},
    {"Todhri", "Todr", NULL},
    {"Toto", "Toto", NULL},
    {"Tulu_Tigalari", "Tutg", NULL},
    {"Ugaritic", "Ugar", NULL},
    {"Unknown", "Zzzz", NULL},
    {"Vai", "Vaii", NULL},
    {"Vithkuqi", "Vith", NULL},
    {"Wancho", "Wcho", NULL},
    {"Warang_Citi", "Wara", NULL},
    {"Yezidi", "Yezi", NULL},
    {"Yi", "Yiii", NULL},
    {"Zanabazar_Square", "Zanb", NULL},
    {"Beria_Erfe", "Berf", NULL},
    {"Sidetic", "Sidt", NULL},
    {"Tai_Yo", "Tayo", NULL},
    {"Tolong_Siki", "Tols", NULL},
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

/* The long name of a script; NULL when there is none. */
static const char *find_script(struct text name)
{
    for (size_t i = 0; i < COUNT_OF(scripts); i++) {
        if (is(name, scripts[i].name) || is(name, scripts[i].also) || is(name, scripts[i].third))
            return scripts[i].name;
    }
    return NULL;
}

static bool add_pair(struct code_set *set, struct arena *arena, struct text key, struct text value,
                     bool negated)
{
    bool category = is(key, "General_Category") || is(key, "gc");
    bool script = is(key, "Script") || is(key, "sc");
    bool extended = is(key, "Script_Extensions") || is(key, "scx");
    const char *name = category             ? find_category(value)
                       : script || extended ? find_script(value)
                                            : NULL;

    if (name == NULL)
        return false;
    add_property(set, arena,
                 arena_printf(arena, "%s%s",
                              category ? ""
                              : script ? "sc:"
                                       : "scx:",
                              name),
                 negated);
    return true;
}

bool code_set_add_property(struct code_set *set, struct arena *arena, struct text expression,
                           bool negated)
{
    static const struct code_range ascii = {0, 0x7F};
    size_t equals = text_find_byte(expression, '=');
    const char *name;

    if (equals < expression.len)
        return add_pair(set, arena, text_first(expression, equals),
                        text_after(expression, equals + 1), negated);
    if (is(expression, "ASCII")) {
        code_set_add_ranges(set, arena, (struct code_ranges){&ascii, 1}, negated);
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
