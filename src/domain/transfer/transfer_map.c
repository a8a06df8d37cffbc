#include "domain/transfer/transfer_map.h"

static const Field map_field[] = {
    FIELD(TransferMap, external, .about = "column of the member's number in their system"),
    FIELD(TransferMap, phone),
    FIELD(TransferMap, card),
    FIELD(TransferMap, email),
    FIELD(TransferMap, name),
    FIELD(TransferMap, gender),
    FIELD(TransferMap, birthday, .about = "2001-05-20, or 农历8-15"),
    FIELD(TransferMap, region),
    FIELD(TransferMap, channel),
    FIELD(TransferMap, joined),
    FIELD(TransferMap, points, .about = "opening points"),
    FIELD(TransferMap, points_expiry, .about = "last day of the opening points"),
    FIELD(TransferMap, growth),
    FIELD(TransferMap, tier, .about = "key of the level"),
    FIELD(TransferMap, tags, .about = "parted by ; , | or 、"),
    FIELD(TransferMap, sku),
    FIELD(TransferMap, item, .about = "the item's name"),
    FIELD(TransferMap, category),
    FIELD(TransferMap, brand),
    FIELD(TransferMap, barcode),
    FIELD(TransferMap, price, .about = "for one piece"),
    FIELD(TransferMap, order_no),
    FIELD(TransferMap, quantity),
    FIELD(TransferMap, amount, .about = "of the line"),
    FIELD(TransferMap, time),
    FIELD(TransferMap, shop, .about = "the shop's code"),
    FIELD(TransferMap, tender),
    FIELD(TransferMap, provider, .max = 40, .about = "whose numbers `external` holds; import when empty"),
    FIELD(TransferMap, none, .about = "what stands for nothing, e.g. NA"),
    FIELD(TransferMap, return_prefix, .max = 20, .about = "order numbers that begin so are credit notes"),
    FIELD(TransferMap, money, .about = "yuan or fen"),
    FIELD(TransferMap, day_order, .about = "ymd, dmy or mdy"),
    FIELD(TransferMap, preset, .about = "online_retail"),
};
const Fields transfer_map_fields = FIELDS(TransferMap, map_field);
_Static_assert(COUNT_OF(map_field) == MAP_COLUMNS + 6, "one column for each field but the last six");
_Static_assert(sizeof(TransferMap) == sizeof(Str) * (MAP_COLUMNS + 6), "nothing but texts");

/* What exports of other systems call our fields. */
static const char *const aliases[MAP_COLUMNS][6] = {
    [MAP_EXTERNAL] = { "会员号", "会员编号", "客户编号", "客户号", "member_no" },
    [MAP_PHONE] = { "手机", "手机号", "手机号码", "电话", "联系电话", "mobile" },
    [MAP_CARD] = { "卡号", "会员卡号", "实体卡号", "card_no" },
    [MAP_EMAIL] = { "邮箱", "电子邮箱", "e-mail" },
    [MAP_NAME] = { "姓名", "会员姓名", "客户姓名", "会员名称" },
    [MAP_GENDER] = { "性别", "sex" },
    [MAP_BIRTHDAY] = { "生日", "出生日期", "birth_date" },
    [MAP_REGION] = { "地区", "城市", "country", "city" },
    [MAP_CHANNEL] = { "渠道", "来源" },
    [MAP_JOINED] = { "入会时间", "注册时间", "开卡日期", "入会日期", "joined_at" },
    [MAP_POINTS] = { "积分", "可用积分", "剩余积分", "积分余额" },
    [MAP_POINTS_EXPIRY] = { "积分有效期", "积分到期", "积分到期日", "到期日" },
    [MAP_GROWTH] = { "成长值" },
    [MAP_TIER] = { "等级", "会员等级", "级别" },
    [MAP_TAGS] = { "标签", "会员标签" },
    [MAP_SKU] = { "商品编码", "商品编号", "货号", "编码", "商品代码" },
    [MAP_ITEM] = { "商品名称", "品名", "商品", "item_name", "description" },
    [MAP_CATEGORY] = { "分类", "类别", "商品分类" },
    [MAP_BRAND] = { "品牌" },
    [MAP_BARCODE] = { "条码", "条形码", "商品条码", "ean" },
    [MAP_PRICE] = { "单价", "售价", "价格", "unit_price", "零售价" },
    [MAP_ORDER_NO] = { "订单号", "单号", "小票号", "流水号", "order", "invoice" },
    [MAP_QUANTITY] = { "数量", "qty" },
    [MAP_AMOUNT] = { "金额", "小计", "实付金额" },
    [MAP_TIME] = { "时间", "日期", "下单时间", "交易时间", "date", "销售时间" },
    [MAP_SHOP] = { "门店", "门店编码", "店号", "shop_code" },
    [MAP_TENDER] = { "支付方式", "付款方式" },
};

static const struct {
    const char *name, *map;
} presets[] = {
    { "online_retail",
      "order_no=InvoiceNo,sku=StockCode,item=Description,quantity=Quantity,time=InvoiceDate,price=UnitPrice,"
      "external=CustomerID,region=Country,provider=online_retail,none=NA,return_prefix=C" },
};

/* ---- reading a map ---------------------------------------------------------------------------------------------- */

static Str *map_text_of(TransferMap *map, const Field *field) { return (Str *)((char *)map + field->offset); }

static Err read_pairs(Ctx *c, Str text, TransferMap *ret_map) {
    for (Str pair, rest = text; rest.len > 0;) {
        Str ours, theirs;
        str_cut(rest, ',', &pair, &rest);
        bool is_pair = str_cut(pair, '=', &ours, &theirs);
        const Field *field = fields_find(&transfer_map_fields, str_trim(ours));
        if (!is_pair || !field) {
            return fail(c, E_INVALID, "transfer.map", "不认识的列对应：%.*s", "unknown column mapping: %.*s",
                        (int)pair.len, pair.at);
        }
        *map_text_of(ret_map, field) = str_trim(theirs);
    }
    return OK;
}

/* Where the map is silent its preset speaks; a map may be nothing but the name of one. */
static Err fill_from_preset(Ctx *c, TransferMap *map) {
    if (map->preset.len == 0) return OK;
    for (int64_t i = 0; i < COUNT_OF(presets); i++) {
        if (!str_is(map->preset, presets[i].name)) continue;
        TransferMap known = { 0 };
        TRY(read_pairs(c, str_of(presets[i].map), &known));
        for (int64_t k = 0; k < COUNT_OF(map_field); k++) {
            Str *own = map_text_of(map, &map_field[k]);
            if (own->len == 0) *own = *map_text_of(&known, &map_field[k]);
        }
        return OK;
    }
    return fail(c, E_INVALID, "transfer.preset", "没有预设 %.*s", "there is no preset %.*s", (int)map->preset.len,
                map->preset.at);
}

static bool is_one_of(Str text, const char *const *choices) {
    for (; *choices; choices++) {
        if (str_is(text, *choices)) return true;
    }
    return text.len == 0;
}

Err transfer_map_read(Ctx *c, Str text, TransferMap *ret_map) {
    TransferMap map = { 0 };
    text = str_trim(text);
    if (text.len > 0 && text.at[0] == '{')
        TRY(json_parse(c, text, &transfer_map_fields, &map));
    else if (str_find_char(text, '=') >= 0)
        TRY(read_pairs(c, text, &map));
    else
        map.preset = text;
    TRY(fill_from_preset(c, &map));
    bool is_known = is_one_of(map.money, (const char *const[]){ "yuan", "fen", NULL }) &&
                    is_one_of(map.day_order, (const char *const[]){ "ymd", "dmy", "mdy", NULL });
    if (!is_known) {
        return fail(c, E_INVALID, "transfer.map", "不认识的列对应：%.*s", "unknown column mapping: %.*s", (int)text.len,
                    text.at);
    }
    *ret_map = map;
    return OK;
}

/* ---- finding the columns ---------------------------------------------------------------------------------------- */

/* Names are compared without case, width and blanks. */
static Str plain_name(Arena *a, Str name) {
    Str form = text_search_form(a, name);
    Buf b = { .arena = a };
    for (int64_t i = 0; i < form.len; i++) {
        if (form.at[i] != ' ' && form.at[i] != '_') buf_char(&b, form.at[i]);
    }
    return buf_str(&b);
}

static int64_t column_named(Ctx *c, StrList head, Str name) {
    Str want = plain_name(c->arena, name);
    for (int64_t i = 0; i < head.count; i++) {
        if (want.len > 0 && str_equal(head.items[i], want)) return i;
    }
    return -1;
}

static int64_t column_usual(Ctx *c, StrList head, MapField field) {
    int64_t at = column_named(c, head, str_of(map_field[field].name));
    for (int64_t k = 0; at < 0 && k < 6 && aliases[field][k]; k++)
        at = column_named(c, head, str_of(aliases[field][k]));
    return at;
}

static Err need(Ctx *c, const Columns *columns, MapField field) {
    if (columns->at[field] >= 0) return OK;
    return fail(c, E_INVALID, "transfer.head", "缺少一列：%s（%s）", "a column is missing: %s (%s)", aliases[field][0],
                map_field[field].name);
}

static Err need_all(Ctx *c, const Columns *columns, TransferKind kind) {
    const int64_t *at = columns->at;
    switch (kind) {
    case TRANSFER_MEMBERS:
        if (at[MAP_EXTERNAL] >= 0 || at[MAP_CARD] >= 0 || at[MAP_EMAIL] >= 0) return OK;
        return need(c, columns, MAP_PHONE);
    case TRANSFER_ITEMS:
        return need(c, columns, MAP_SKU);
    case TRANSFER_ORDERS:
        TRY(need(c, columns, MAP_ORDER_NO));
        TRY(need(c, columns, MAP_TIME));
        if (at[MAP_ITEM] < 0) TRY(need(c, columns, MAP_SKU));
        return at[MAP_AMOUNT] >= 0 ? OK : need(c, columns, MAP_PRICE);
    case TRANSFER_ENTRIES:
        break;
    }
    return fail(c, E_INVALID, "transfer.kind", "这种数据只能导出", "this kind can only be exported");
}

Err columns_find(Ctx *c, const TransferMap *map, TransferKind kind, StrList head, Columns *ret_columns) {
    StrList plain = { NEW_LIST(c->arena, Str, head.count), head.count };
    for (int64_t i = 0; i < head.count; i++) plain.items[i] = plain_name(c->arena, head.items[i]);
    for (int64_t k = 0; k < MAP_COLUMNS; k++) {
        Str theirs = *map_text_of((TransferMap *)map, &map_field[k]);
        ret_columns->at[k] = theirs.len > 0 ? column_named(c, plain, theirs) : column_usual(c, plain, (MapField)k);
        if (theirs.len > 0 && ret_columns->at[k] < 0) {
            return fail(c, E_INVALID, "transfer.column", "文件里没有这一列：%.*s", "the file has no column %.*s",
                        (int)theirs.len, theirs.at);
        }
    }
    ret_columns->none = map->none;
    return need_all(c, ret_columns, kind);
}

Str column_cell(const Columns *columns, const TableRow *row, MapField field) {
    int64_t at = columns->at[field];
    if (at < 0 || at >= row->cells.count) return S("");
    Str cell = csv_unguard(str_trim(row->cells.items[at]));
    return columns->none.len > 0 && str_equal(cell, columns->none) ? S("") : cell;
}
