//! The long form of each problem code in Chinese. The first sentence is the title of the code.

/// Code and explanation, sorted by code; the same codes as in English.
pub(crate) const EXPLANATIONS: &[(&str, &str)] = &[
    (
        "CT001",
        "文件不是合法的 YAML。常见原因：缩进里有制表符；同一层里一个键写了两次；{ } 内未加引号的文字含有逗号或冒号，被读成了两个键。这类文字请加双引号。",
    ),
    (
        "CT002",
        "缺少此类文件必须有的键。所示位置是该键应在的那一层。",
    ),
    (
        "CT003",
        "值的种类不对，或者为空。例如该写列表的地方写了文字。版本、代码和日期都是文字，看起来像数字时请加引号。",
    ),
    (
        "CT004",
        "此处没有这个键，或没有这个 yidang 自定义属性。未知名称一律拒绝，因为写错的名称会悄悄失效：`requried: true` 什么也不要求。其他供应商的自定义属性不受影响。",
    ),
    (
        "CT005",
        "自定义属性无法按所写采用。可能没有值、写了两次，或用了我们的名称却没有 `vendor: yidang`，那样会被忽略。",
    ),
    (
        "CT006",
        "目录中的文件缺失、不可读、会被忽略，或与存入时不同。目录应有 agencies.yaml、authority.yaml、bundle.yaml 以及 contracts、dossiers、codes 三个子目录；契约旁的样例文件名含 .good. 或 .bad.。",
    ),
    (
        "CT007",
        "文件没有说明所遵循的标准，或标准不被本程序支持。必须是 apiVersion v3.2.0 的 DataContract，status 为 draft、active、deprecated 或 retired，并带自定义属性 profile: yidang/1。",
    ),
    (
        "CT008",
        "契约版本应为三个数字：主版本.次版本.修订号。主版本号是主题名的一部分，只有旧的读取方读不懂新记录时才升。",
    ),
    (
        "CT009",
        "计数应为整数。指 bundle.yaml 的 generation 和 authority.yaml 的 rulesVersion。",
    ),
    (
        "CT010",
        "数据流标识应为 <部门>.<数据流>，并与文件位置一致。只用小写字母、数字和下划线，文件为 contracts/<部门>/<数据流>.odcs.yaml。标识不得改名或复用，问题单和数据行都引用它。",
    ),
    (
        "CT011",
        "契约的部门未登记，或各处写法不一。sourceAgency、team.id 与标识须为同一部门；部门先在 agencies.yaml 登记，再写第一份契约。",
    ),
    (
        "CT012",
        "主题名应为 src.<部门>.<数据流>.v<主版本>。名称固定，看到主题就知道契约，新主版本也能与旧版并行。",
    ),
    (
        "CT013",
        "两个条目身份相同。两个部门代号相同，或两份契约标识相同。",
    ),
    (
        "CT014",
        "两份契约用了同一主题。一个主题只承载一个数据流，因为契约决定其上每条消息怎么读。",
    ),
    (
        "CT015",
        "一份契约只描述一个主题，一份档案只描述一张表。schema 下只写一项。",
    ),
    (
        "CT016",
        "部门代号不能用作主题名的一部分。代号以小写字母开头，其后为小写字母、数字和下划线。",
    ),
    (
        "CT020",
        "契约里有两个同名字段。字段名即报送时的名称，区分大小写。",
    ),
    (
        "CT021",
        "字段的逻辑类型不在标准之内。可用 string、date、timestamp、time、integer、number、boolean、object、array、map、vector。证件号和代码即使全是数字也是 string；有内部结构的值按原样留存，不读取。",
    ),
    (
        "CT022",
        "日期字段须写明日期的书写形式，且形式须存在。多种形式用 | 连接，如 yyyyMMdd|yyyy-MM-dd；未写形式的 timestamp 按 RFC 3339。形式不作猜测，因为 03/04/2026 有两种读法。无时区的时间按 Asia/Shanghai。",
    ),
    (
        "CT023",
        "界限不可用。正则表达式有误（不支持环视和反向引用）、长度不是整数、日期界限不是 yyyy-MM-dd、其他界限不是数字，或下限大于上限。",
    ),
    (
        "CT024",
        "每个字段须写明分级。public、internal、personal 或 sensitive。它决定事件里能说到值的什么程度，因此没有默认值。",
    ),
    (
        "CT025",
        "个人或敏感字段不得在契约里举例。契约读者众多，个人字段的例子迟早会是真人。虚构记录请放在契约旁的样例里。",
    ),
    (
        "CT026",
        "记录里可读取一个数组。写成 logicalType 为 array 的字段，元素的字段写在 items.properties 下；契约其他地方以 数组[].字段 引用。其余数组和对象整体留在原始层。",
    ),
    (
        "CT027",
        "数组元素的字段有多少元素就有多少值。因此不能作记录主键、次序、业务时间或操作。patch 方式的数据流不读数组：缺了一个元素，无法区分是没有提到还是已撤回。",
    ),
    (
        "CT028",
        "定长行须写明每个字段在所声明编码下的字节宽度（自定义属性 width）。不紧接前一字段的，还要写从 1 起算的起始位置 start。字段不能共用字节，最后一个字段结束处即行尾，行尾的填充也要写成一个字段。",
    ),
    (
        "CT029",
        "XML 须写 recordElement。即一条记录所在元素的名称（不带前缀），或从根起的路径（list/record）。字段是其子元素的名称，更深的写路径（address/street），属性写作 @名称。",
    ),
    (
        "CT030",
        "契约须写 recordKey。即区分一条记录与另一条的字段；更正和撤回都靠它找到记录。",
    ),
    ("CT031", "所写字段在契约的 properties 中不存在。"),
    (
        "CT032",
        "契约须写 order。即同一记录两个版本谁新谁旧：从左到右比较的若干部分，或 log（按主题中的位置）。到达先后从不作数。",
    ),
    (
        "CT033",
        "次序、业务时间或撤回的某一部分无法按所写采用。每部分有 from（field:<名>、header:<名>，信封内为 envelope:ts_ms 或 envelope:op）和 type（integer、epoch_ms，或带 forms 与 zone: Asia/Shanghai 的 time）。同一部分的形式须全为日或全为时刻。",
    ),
    (
        "CT034",
        "契约须写 businessTime。即来源部门认为记录何时属实；它是时刻或日期，不是普通数字。",
    ),
    (
        "CT035",
        "契约须写 mode。full：每个版本写全所有字段，缺失即为空；patch：缺失即未提及，null 才是清空。",
    ),
    (
        "CT036",
        "变更消息的信封为 none、debezium、canal、maxwell 或 ogg（Oracle GoldenGate 操作格式的 JSON）。只有 JSON 以及成员相同的 Avro 和 Protobuf 可以带信封。ogg 的更新若只含变动的列，mode 须为 patch，因为在 full 报送中未写明的列即为空值。",
    ),
    (
        "CT037",
        "一条消息含一条记录或多条记录。多条即 JSON 数组或 CSV 各行；有信封时总是一条。",
    ),
    (
        "CT038",
        "server 须为 kafka，并写明格式和编码。格式 json、csv、fixed_width、xml、avro 或 protobuf，编码 UTF-8、UTF-8-BOM、GBK 或 GB18030。编码只声明、不猜测，因为一种编码的文字常能用另一种读出而不报错；avro 和 protobuf 只用 UTF-8，其自定义属性 schemaRegistry 写明模式所在的注册中心，省略即为 main，地址另行告知工作进程。各 server 格式不同时以第一个为准，除非消息头 content-type 或 format 另有所指；同一格式的编码、不同的注册中心都无法由消息头区分。",
    ),
    (
        "CT039",
        "契约须写 removal。操作标志在哪里（from）、哪些操作表示撤回（delete）、空值表示撤回（tombstone: delete）还是不表示什么（tombstone: control，有信封时总是如此）。",
    ),
    (
        "CT040",
        "主体须写明其类型和至少一个标识。类型即某份档案的名称。",
    ),
    (
        "CT041",
        "标识类别未知，或缺少所需内容。person_document 须有 typeField，指向带证件类型代码的字段；weak 须有 name。其余为 resident_id、uscc、organisation_code、registration_number、tax_number。",
    ),
    (
        "CT042",
        "字段所填的档案，记录并未指出其主体。那样的值没有可去的行。",
    ),
    (
        "CT043",
        "标识的类别不在该档案的 classes 之内。例如用身份证号指认企业：每条记录都会被扣住，因为没有对应的行。",
    ),
    (
        "CT044",
        "带 each: 的主体由数组的每个元素指认，其标识须是元素的字段。不带的由记录的字段指认。带 each: 的主体排在最后。",
    ),
    (
        "CT045",
        "快照数据流每次重发全部记录。次序的第一项是给快照编号的消息头；属性 snapshot 写明行数最多可减少的比例（maxShrink），消息头若不是 op、S 和 rows，还须写明操作所在的消息头、快照的取值，以及标记消息（末行之后的空消息）中给出行数的消息头。一个数据流要么发快照，要么发变更，不能兼有。",
    ),
    (
        "CT046",
        "horizon 须指明主键中表示月或日的字段，以及保留几个月。所属期早于已接受的最大所属期超过此数的记录会被遗忘，与到达次序无关；观察表仍保留它们。",
    ),
    (
        "CT047",
        "字段没有到达任何列、关联或规则。它既未映射，也不属于主键、次序、撤回、主体或条件，又没有规则判断它。被遗忘的字段与有意不用的字段看起来一样，所以契约要写明：用 mapsTo 映射；若有意只留在原始层，则加自定义属性 kept: true，并在其 description 写明理由。写了 kept: true 却仍被使用的，也以此代码提示。",
    ),
    (
        "CT048",
        "契约没有任何内容到达档案的列。记录会被判断，却永远不出现在档案里。至少给一个字段写 mapsTo，例如指认主体的标识。",
    ),
    (
        "CT050",
        "mapsTo 指向档案中不存在的列。写法为 <档案>.<列>，由多部分组成的列为 <档案>.<列>.<部分>。",
    ),
    (
        "CT051",
        "转换未知、无处可用，或缺少参数。money 须有 unit，token 须有 class；mapsTo 为列表时，各项自写转换。",
    ),
    (
        "CT052",
        "转换不适用。得到的类型与列不符，或需要字段未声明的内容，如代码、日期形式或标识类别。",
    ),
    (
        "CT053",
        "代码表不存在，或 enum 给出了代码表没有的标准代码。代码表按 codes/<名>.csv 第一行的 名称@版本 引用。",
    ),
    (
        "CT054",
        "条件须写字段，并且 in 与 notIn 只写其一。值为带引号的文字；true、false 和 ~ 不是文字。空文字表示缺失或 null。",
    ),
    (
        "CT055",
        "常量的值与列的类型不符。常量是文字；数字列须为整数。",
    ),
    (
        "CT056",
        "两个字段总是填同一格。请给其中之一加 when 条件，说明谁说了算。",
    ),
    (
        "CT057",
        "个人或敏感字段填入了公开统计的列。该列的最小值和最大值会写在表日志里（statistics: true），这类列只放不属于任何人的代码和日期。",
    ),
    (
        "CT058",
        "一个值属于记录所指认的该类全部主体，或某一个主体（subject: 写其名称），或它所在元素的主体。此映射或常量指向不存在的主体，或让一个元素决定全部。",
    ),
    ("CT060", "规则所写的检查不存在。"),
    (
        "CT061",
        "手写规则须写明严重程度、质量维度和处置。severity 为 info、minor、major、critical；dimension 为 ODCS 七个维度之一；自定义属性 action 为 observe、flag、quarantine 或 reject。",
    ),
    (
        "CT062",
        "契约里有两条规则标识相同。问题单以规则标识命名，因此在一份契约内须唯一且含义不变。",
    ),
    (
        "CT063",
        "没有程序会执行这条规则。其他引擎的规则归其他引擎；指标、SQL 条件、整个主题的规则、multipleOf 以及没有后继值的开区间界限，本版本都不执行。看似生效实则无效的规则比没有更糟。",
    ),
    (
        "CT064",
        "此检查不适用于该字段。缺少界限，或字段没有检查所需的内容，如 enum 需要代码、not_future 需要日期形式、resident_id 需要标识类别。",
    ),
    (
        "CT065",
        "条件表达式无法理解，或用了不允许的内容。它是对一条记录各字段的一个 SQL 条件，可用 AND、OR、NOT、= <> < <= > >=、IS NULL、IN、BETWEEN、LIKE、+ - * /，以及 CAST 为 DATE、INTEGER、DECIMAL 或 VARCHAR、DATE '2026-01-31'，函数有 abs、age_at、cn_resident_id、cn_uscc、coalesce、code_in、day、left、length、lower、message_day、month、regexp_like、right、substr、trim、upper、year。不能查看时钟、其他记录或其他表：同一条记录无论何时判断，结论都相同。message_day() 是消息所属的日期。",
    ),
    (
        "CT066",
        "条件表达式各部分的类型不匹配。例如日期与文字相比。字段的类型即其 logicalType；日期写作 DATE '2026-01-31'，数字不加引号；时间戳用 CAST(x AS DATE) 变为日期，文字用 CAST(x AS DECIMAL) 变为数字。",
    ),
    (
        "CT067",
        "规则的 fields 与规则实际读取的字段不一致。部门会收到这些字段，而且只有记录写明了全部字段才判断规则，因此两者须相同。写在字段下的规则也读取该字段。",
    ),
    (
        "CT068",
        "规则只判断一条记录本身。结论不得取决于何时计算或还有什么记录到达。是否唯一、是否接续另一记录、是否过旧、集合是否缩减，要看档案行的 conflicts、数据流的次序，或一段时间内的统计。",
    ),
    (
        "CT069",
        "自定义属性 indicator 不是 GB/T 36344-2018 的指标。指标编号为 0101 至 0602，须加引号；不写时按检查所属指标计。",
    ),
    (
        "CT070",
        "authority.yaml 排列了不存在的数据流，或同一数据流排了两次。",
    ),
    (
        "CT071",
        "authority.yaml 写了不存在的档案或列，或由平台自己填写的列。",
    ),
    (
        "CT072",
        "契约主张的优先级高于 authority.yaml 所授，或不是从 1 起的名次。部门可以主张，由数据主管部门授予。",
    ),
    (
        "CT080",
        "档案中有两列同名，或一列中有两部分同名。列表元素的 source 由平台填写；档案要写出它时，加自定义属性 platform: source。",
    ),
    (
        "CT081",
        "档案的列只能是 string、date、integer，或由它们组成的 object 和 array。",
    ),
    (
        "CT082",
        "档案的每一列须有级别。L1（最不敏感）到 L4，决定谁能看到。",
    ),
    (
        "CT083",
        "档案引用了不存在的列或部分，或列表没有 elementKey。涉及 elementKey、rankBy、endedBy、identifierSex、identifierBirth；elementKey 说明两个来源的哪些元素是同一个。",
    ),
    (
        "CT084",
        "自定义属性 platform 只能是平台自己填写的列，且各写一次。即 subject_id、token、provenance、conflicts、completeness、rules_version、record_version、first_seen_at、last_business_time、updated_at，以及列表元素的 source。",
    ),
    ("CT085", "两份文件描述了同一种档案。"),
    (
        "CT086",
        "档案缺少由平台填写的列。每份档案都要指明主体、说明值从何来、部门间何处矛盾，以及该行按何规则、何时、由什么生成；只有 token 可以省略。",
    ),
    (
        "CT087",
        "生命规律写法有误。要么 part 的值不得晚于 notAfter 的日期；要么 when 列取 is 之一时 never 列不得取 in 之一；要么同一列表的元素按日期 at 排列，event 为事件，next 写明什么之后可以是什么。违反规律的行会写在其 conflicts 中。",
    ),
    (
        "CT090",
        "代码表的前两行不合要求。第一行为 `# <名称>@<版本>`，名称与文件名一致；第二行为 code,label,canonical；其后各行为 CSV。",
    ),
    (
        "CT091",
        "代码在表中出现两次，或该行缺少代码或标准代码。来源报送的每个文字只对应一个标准代码。",
    ),
    (
        "CT095",
        "区划文件应为 counties、townships-mca、townships-nbs、villages-nbs 或 successors 之一。首行为 `# <名称>@<版次>`，随后以 # 开头的行写明来源，再是表头行，然后是不加引号的数据行。",
    ),
    (
        "CT096",
        "区划文件的某一行不合规定。单元格数不对、代码长度不对、没有名称或年份，或代码未按升序排列。",
    ),
    (
        "CT097",
        "街道、村居或后继区划所在的县级区划，不在 counties.csv 现行的区划之中。",
    ),
];
