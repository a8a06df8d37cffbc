/* demo_goods - what the demo shop sells: 400 goods of 14 categories, with in-store barcodes (prefix 2: no maker's
 * number is used). */
#include "base/code.h"
#include "main/demo.h"

/* A kind of goods in up to three sizes; price_fen is of the first, the others cost 1.9 and 3.5 times as much. */
typedef struct Kind {
    const char *name;
    int64_t price_fen;
} Kind;
typedef struct Shelf {
    const char *category;
    const char *sizes[3];
    int64_t weight;
    Kind kinds[10];
} Shelf;

static const Shelf shelves[] = {
    { "蔬菜",
      { "散装 500g", "精选 300g", "有机 400g" },
      14,
      {
          { "菠菜", 398 },
          { "小青菜", 298 },
          { "生菜", 358 },
          { "西红柿", 498 },
          { "黄瓜", 428 },
          { "土豆", 298 },
          { "胡萝卜", 268 },
          { "西兰花", 698 },
          { "茄子", 458 },
          { "大蒜", 598 },
      } },
    { "水果",
      { "500g", "礼盒 1kg", "精品 800g" },
      12,
      {
          { "红富士苹果", 798 },
          { "香蕉", 498 },
          { "砂糖橘", 698 },
          { "巨峰葡萄", 1280 },
          { "雪梨", 598 },
          { "奇异果", 1580 },
          { "火龙果", 1180 },
          { "蓝莓", 1980 },
          { "西瓜", 298 },
          { "草莓", 2580 },
      } },
    { "肉禽蛋",
      { "400g", "家庭装 800g", "冷鲜 500g" },
      9,
      {
          { "猪五花肉", 2280 },
          { "猪里脊", 2580 },
          { "牛腩", 4980 },
          { "牛腱", 5580 },
          { "鸡胸肉", 1380 },
          { "鸡翅中", 2980 },
          { "鲜鸡蛋", 1280 },
          { "咸鸭蛋", 1680 },
          { "鸭腿", 1580 },
          { "羊肉卷", 3980 },
      } },
    { "水产",
      { "400g", "冷冻 500g", "鲜活 500g" },
      4,
      {
          { "基围虾", 3980 },
          { "带鱼段", 2580 },
          { "鲈鱼", 2980 },
          { "三文鱼", 5980 },
          { "花蛤", 1280 },
          { "鱿鱼", 2280 },
          { "鱼豆腐", 1180 },
          { "虾仁", 3580 },
          { "鳕鱼", 4980 },
          { "海带", 680 },
      } },
    { "乳品",
      { "250ml", "1L", "12 盒装" },
      10,
      {
          { "纯牛奶", 550 },
          { "酸奶", 680 },
          { "鲜牛奶", 1180 },
          { "儿童奶酪", 1980 },
          { "黄油", 2480 },
          { "低脂奶", 620 },
          { "豆奶", 480 },
          { "乳酸菌饮品", 880 },
          { "羊奶", 1580 },
          { "奶粉", 8800 },
      } },
    { "烘焙",
      { "单个", "4 枚", "家庭装" },
      8,
      {
          { "吐司", 980 },
          { "牛角包", 680 },
          { "蛋挞", 380 },
          { "老婆饼", 880 },
          { "手撕面包", 1180 },
          { "蛋糕卷", 1580 },
          { "曲奇", 1680 },
          { "月饼", 2880 },
          { "桃酥", 1080 },
          { "全麦面包", 1280 },
      } },
    { "粮油",
      { "500g", "2.5kg", "5kg" },
      4,
      {
          { "东北大米", 3580 },
          { "五常大米", 5980 },
          { "小米", 1280 },
          { "面粉", 1680 },
          { "挂面", 680 },
          { "花生油", 6980 },
          { "菜籽油", 4980 },
          { "橄榄油", 8980 },
          { "绿豆", 980 },
          { "燕麦片", 1880 },
      } },
    { "调味",
      { "小瓶", "标准装", "特惠装" },
      4,
      {
          { "生抽", 980 },
          { "老抽", 880 },
          { "香醋", 780 },
          { "蚝油", 1080 },
          { "豆瓣酱", 980 },
          { "白砂糖", 680 },
          { "食盐", 280 },
          { "花椒", 1280 },
          { "料酒", 780 },
          { "芝麻酱", 1580 },
      } },
    { "零食",
      { "60g", "150g", "分享装" },
      9,
      {
          { "薯片", 780 },
          { "瓜子", 980 },
          { "坚果", 3980 },
          { "海苔", 1280 },
          { "巧克力", 1880 },
          { "果冻", 880 },
          { "牛肉干", 3280 },
          { "饼干", 980 },
          { "辣条", 480 },
          { "山楂片", 680 },
      } },
    { "饮料",
      { "500ml", "1.5L", "整箱" },
      12,
      {
          { "矿泉水", 200 },
          { "绿茶", 350 },
          { "可乐", 350 },
          { "橙汁", 880 },
          { "椰子水", 780 },
          { "气泡水", 550 },
          { "乌龙茶", 480 },
          { "咖啡饮料", 680 },
          { "运动饮料", 550 },
          { "酸梅汤", 480 },
      } },
    { "酒水",
      { "单瓶", "礼盒", "6 瓶装" },
      2,
      {
          { "啤酒", 480 },
          { "干红葡萄酒", 8800 },
          { "白酒", 16800 },
          { "米酒", 1880 },
          { "黄酒", 2680 },
          { "果酒", 3980 },
      } },
    { "日用清洁",
      { "标准装", "3 包", "家庭装" },
      5,
      {
          { "洗衣液", 2980 },
          { "洗洁精", 1280 },
          { "抽纸", 1980 },
          { "卷纸", 2280 },
          { "垃圾袋", 980 },
          { "消毒液", 1580 },
          { "拖把", 3980 },
          { "保鲜膜", 1180 },
          { "厨房湿巾", 1380 },
          { "洁厕液", 980 },
      } },
    { "个护",
      { "100ml", "标准装", "组合装" },
      3,
      {
          { "洗发水", 3980 },
          { "沐浴露", 3580 },
          { "牙膏", 1280 },
          { "牙刷", 980 },
          { "护手霜", 1880 },
          { "洗面奶", 2980 },
          { "卫生巾", 1580 },
          { "剃须刀", 2580 },
          { "面膜", 4980 },
          { "漱口水", 2280 },
      } },
    { "母婴宠物",
      { "标准装", "量贩装", "便携装" },
      2,
      {
          { "婴儿湿巾", 1580 },
          { "纸尿裤", 8980 },
          { "婴儿米粉", 2980 },
          { "奶瓶", 4980 },
          { "猫粮", 3980 },
          { "狗粮", 4580 },
          { "猫砂", 2580 },
          { "儿童面条", 1680 },
      } },
};

static Err make_item(Demo *demo, const Shelf *shelf, int64_t category_id, const Kind *kind, int64_t size,
                     int64_t index) {
    static const int64_t price_permille[3] = { 1000, 1900, 3500 };
    static const int64_t weight_part[3] = { 6, 3, 1 };
    Ctx *c = demo->c;
    Str digits = arena_print(c->arena, "20%010lld", (long long)index + 1);
    Str barcode = arena_print(c->arena, "%.*s%c", (int)digits.len, digits.at, ean_check_digit(digits));
    Item made, item = {
        .sku = arena_print(c->arena, "G%04lld", (long long)index + 1),
        .barcodes = { &barcode, 1 },
        .name = arena_print(c->arena, "%s %s", kind->name, shelf->sizes[size]),
        .unit = S("件"),
        .category_id = category_id,
        .price_fen = (kind->price_fen * price_permille[size] / 1000 + 9) / 10 * 10,
        .points_bonus = index % 37 == 0 ? 5 : 0,
    };
    if (index % 16 == 3) item.member_price_fen = item.price_fen * 88 / 100 / 10 * 10;
    TRY(item_create(c, &item, &made));
    demo->items[index] = (DemoItem){ made.item_id, item.price_fen, shelf->weight * weight_part[size] };
    demo->item_weight += demo->items[index].weight;
    return OK;
}

Err demo_goods_make(Demo *demo) {
    int64_t index = 0;
    for (int64_t i = 0; i < COUNT_OF(shelves); i++) {
        int64_t category_id = 0;
        TRY(item_category_named(demo->c, str_of(shelves[i].category), &category_id));
        for (int64_t k = 0; k < COUNT_OF(shelves[i].kinds) && shelves[i].kinds[k].name != NULL; k++)
            for (int64_t size = 0; size < 3 && index < DEMO_ITEMS; size++, index++)
                TRY(make_item(demo, &shelves[i], category_id, &shelves[i].kinds[k], size, index));
    }
    return index == DEMO_ITEMS ? OK
                               : fail(demo->c, E_INTERNAL, "demo.goods", "演示商品不足", "the demo has too few goods");
}

/* Every eighth item is counted in the first shop: plenty at the start; today's shelves, a few of them low, at the
 * end. */
Err demo_stock_count(Demo *demo) {
    bool is_start = demo->order_count == 0;
    for (int64_t i = 0; i < DEMO_ITEMS; i += 8) {
        int64_t left = is_start ? 100000 : i % 64 == 0 ? 2 + rng_below(&demo->rng, 4) : 20 + rng_below(&demo->rng, 300);
        TRY(item_stock_count(demo->c, demo->shop_ids[0], demo->items[i].item_id, left, 8));
    }
    return OK;
}
