//! Sound inputs of the small targets: vectors of standards and made-up values, as the unit tests have them; no person's number.

/// What the first byte chooses, and the rest. ASCII digits and letters choose in order, so that kept inputs can be read.
pub(crate) fn choice<'b, 'c, T>(bytes: &'b [u8], choices: &'c [T]) -> Option<(&'c T, &'b [u8])> {
    let (first, rest) = bytes.split_first()?;
    let chosen = choices.get(usize::from(first.wrapping_sub(b'0')) % choices.len())?;
    Some((chosen, rest))
}

/// An input that chooses at `place`.
pub(crate) fn with_choice(place: usize, rest: &[u8]) -> Vec<u8> {
    let first = b'0'.wrapping_add(u8::try_from(place).expect("choices are few"));
    [&[first], rest].concat()
}

fn bytes(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// Every text under each of so many choices.
fn chosen(choices: usize, texts: &[&str]) -> Vec<Vec<u8>> {
    let under = |text: &&str| {
        let text = text.as_bytes().to_vec();
        (0..choices).map(move |place| with_choice(place, &text))
    };
    texts.iter().flat_map(under).collect()
}

pub(crate) fn resident_ids() -> Vec<Vec<u8>> {
    bytes(&[
        "11010519491231002X",
        "350203199001010018",
        "３５０２０３１９９００１０１００１８",
        "11010519491231002×",
        "'350203199001010018",
        "350203900101001",
        "350203890101997",
        "3502031990****0018",
        "3.50203199001010e+17",
        "810000199408230021",
        "911124198108030024",
        "990426199112010074",
    ])
}

pub(crate) fn permits() -> Vec<Vec<u8>> {
    let texts = [
        "H1234567801",
        "M12345678",
        "HA1234567",
        "0123456789(B)",
        "12345678",
        "E12345678",
        "EA1234567",
        "DE1234567",
        "P1234567",
        "AB12345",
        "R350012345",
        "1350012345",
        "USA310512345678",
        "CHN350199001018",
        "911124198108030024",
        "350203199001010018",
    ];
    chosen(9, &texts)
}

pub(crate) fn usccs() -> Vec<Vec<u8>> {
    bytes(&[
        "91350203MA3UERU19L",
        "91350100M000100Y43",
        "A1110000MA27Y4U477",
        "N2350213MF0A12BC3J",
        "9135O1OOMOOO1OOY43",
        "91350100m000100y43",
        "91110000600037341N",
        "9135020*MA1116BH0Y",
    ])
}

pub(crate) fn organisation_codes() -> Vec<Vec<u8>> {
    bytes(&[
        "MA27Y4U47",
        "MA27Y4U4-7",
        "60003734-1",
        "D2143569X",
        "000000000",
        "ma27y4u47",
    ])
}

pub(crate) fn registration_numbers() -> Vec<Vec<u8>> {
    bytes(&[
        "110108000000016",
        "350200100000019",
        "１１０１０８０００００００１６",
        "1101080000000",
    ])
}

pub(crate) fn tax_numbers() -> Vec<Vec<u8>> {
    let mut numbers = usccs();
    numbers.extend(bytes(&[
        "350203MA27Y4U47",
        "350203ma27y4u47",
        "990203MA27Y4U47",
        "350203MA27Y4U4-7",
    ]));
    numbers
}

pub(crate) fn plates() -> Vec<Vec<u8>> {
    bytes(&[
        "闽D12345",
        "闽D·12345",
        "闽 d 12345",
        "闽DD12345",
        "闽D12345D",
        "闽D1234挂",
        "粤Z1234港",
        "闽D123警",
        "WJ闽1234X",
        "闽D***45",
    ])
}

pub(crate) fn phones() -> Vec<Vec<u8>> {
    chosen(
        3,
        &[
            "13800138000",
            "+86 138-0013-8000",
            "0592-2123456",
            "2123456",
            "(0592)2123456转801",
            "0592-2123456-801",
            "4001234567",
            "95588",
            "008605922123456",
            "1380013****",
            "11111111111",
            "05922000000转0",
        ],
    )
}

pub(crate) fn divisions() -> Vec<Vec<u8>> {
    bytes(&[
        "350203",
        "350203008",
        "350203008001",
        "810000",
        "350201",
        "３５０２０３",
        "990000",
    ])
}

pub(crate) fn names() -> Vec<Vec<u8>> {
    bytes(&[
        "陈思远",
        "阿卜杜拉 ・ 买买提",
        "阿卜杜拉．买买提",
        "J.R. Smith",
        "JOSE\u{301}",
        "刘\u{E863}",
        "张\u{E79F}",
        "王\u{E816}",
        "\u{F900}文",
        " 张　 三 ",
        "\u{FEFF}张\u{200B}三\u{A0}",
        "å¼\u{A0}ä¸‰",
        "ÕÅÈý",
        "鍘﹂棬",
        "锟斤拷",
        "张?三",
        "张*三",
        "测试",
        "厦门甲乙（集团） 有限公司",
        "厦门 ａｂｃ 贸易有限公司",
        "abc  (china)  ltd.",
        "\u{E2}\u{AE}",
        "ŉaßǰ",
    ])
}

pub(crate) fn addresses() -> Vec<Vec<u8>> {
    bytes(&[
        "福建省厦门市思明区莲前街道洪文一里12号301室",
        "厦门市思明區莲前街道 洪文一里１２號之三",
        "中国福建省厦门市湖里区殿前街道兴隆路2―4号(原2号)",
        "北京市朝阳区",
        "闽厦门思明区中山路一百二十号三〇一",
        "厦门市同安区大同街道城西路1号1栋2单元3层301",
        "厦门市开元区",
        "不详",
        "Flat 3, 12 Somewhere Road",
    ])
}

pub(crate) fn dates() -> Vec<Vec<u8>> {
    chosen(
        8,
        &[
            "19900101",
            "1990-01-01",
            "1990-1-1",
            "1990/01/01",
            "1990.1.1",
            "1990年1月1日",
            "20261101103045",
            "2026-11-01 10:30:45.123",
            "2026-11-23T10:13:20+08:00",
            "2026-11-23T24:00:00Z",
            "1795400000000",
            "1795400000",
            "45000",
            "45000.5",
            "199001",
            "1990年01月",
            "12/31/1999",
            "00000000",
            "1900-01-01",
            "9999-12-31",
            "长期",
            "",
            "-1",
            "-99999999999999",
            "２０２００２３０",
            "19860504003000",
        ],
    )
}

pub(crate) fn amounts() -> Vec<Vec<u8>> {
    chosen(
        3,
        &[
            "1234.56",
            "1,234,567.8",
            "1000万元人民币",
            "￥520.00",
            "-0.01",
            "100000000000000000",
            "0.001",
            "1e5",
            "USD 5",
            "5分",
            "12345.678",
            "1/3",
            "50%",
            "33.33％",
            "１／２",
            "156",
            "人民币",
            "+7.",
            ".5",
            "92233720368547758.07",
            "-92233720368547758.08",
            "922337203685477.5807万",
        ],
    )
}

pub(crate) fn texts() -> Vec<Vec<u8>> {
    let mut texts = bytes(&[
        "I6510",
        "6510",
        "65",
        "I",
        "N/A",
        "无",
        "xxx",
        "----",
        "Ⅹ９ａ号",
        "x×ХΧ",
        "３５０２０３ １９９００１０１-００１８",
        "\u{200B}\u{FEFF}",
        "’1‘",
    ]);
    for more in [names(), resident_ids(), phones(), addresses()] {
        texts.extend(more);
    }
    texts
}
