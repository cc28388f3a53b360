use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use yidang_schemas::division::Divisions;

use crate::kit::embedded;
use crate::normalize::address::{Address, AddressReader, Precision};

static READER: LazyLock<AddressReader> =
    LazyLock::new(|| AddressReader::new(&embedded().divisions));

fn read(raw: &str) -> Address {
    READER.read(raw).unwrap_or_else(|| panic!("{raw} is empty"))
}

/// Text, division, precision, confidence, warnings.
fn told(raw: &str) -> String {
    let address = read(raw);
    let division = address.division.as_ref().map_or("-", |code| code.as_str());
    let precision = address.precision.map_or("-", Precision::code);
    let mut told = format!(
        "{} {division} {precision} {}",
        address.text, address.confidence
    );
    for warning in address.warnings() {
        told = format!("{told} {warning}");
    }
    told
}

fn check(raw: &str, expected: &str) {
    assert_eq!(told(raw), expected, "{raw}");
}

#[test]
fn a_whole_address_stays_as_it_is() {
    check(
        "福建省厦门市思明区莲前街道前埔中路323号402室",
        "福建省厦门市思明区莲前街道前埔中路323号402室 350203010 ROOM 100",
    );
    check(
        "福建省厦门市海沧区",
        "福建省厦门市海沧区 350205 DISTRICT 80",
    );
    check("福建省厦门市", "福建省厦门市 350200 CITY 50");
    check("福建省", "福建省 350000 PROVINCE 30");
}

#[test]
fn what_is_missing_above_a_name_is_filled() {
    let expected = "福建省厦门市思明区莲前街道前埔中路323号 350203010 NUMBER 95";
    for raw in [
        "厦门市思明区莲前街道前埔中路323号",
        "思明区莲前街道前埔中路323号",
        "厦门市莲前街道前埔中路323号",
        "厦门市 思明区 莲前街道办事处 前埔中路３２３號",
        "福建厦门思明区莲前街道前埔中路323号",
        "闽厦门市思明区莲前街道前埔中路323号",
        "福建省厦门市厦门市思明区思明区莲前街道前埔中路323号",
    ] {
        let expected = if raw.contains("闽") || (raw.starts_with("福建") && raw.contains("思明区"))
        {
            expected.replace("95", "100")
        } else {
            expected.to_owned()
        };
        check(raw, &expected);
    }
}

#[test]
fn a_street_alone_is_that_of_the_home_city_with_doubt() {
    check(
        "莲前街道前埔中路323号",
        "福建省厦门市思明区莲前街道前埔中路323号 350203010 NUMBER 75",
    );
}

#[test]
fn a_retired_district_is_mapped_only_where_the_street_confirms_it() {
    check(
        "厦门市开元区开元街道厦禾路12号",
        "福建省厦门市思明区开元街道厦禾路12号 350203007 NUMBER 85 ADDRESS_DISTRICT_MAPPED",
    );
    check(
        "厦门市杏林区杏林街道文华路5号",
        "福建省厦门市集美区杏林街道文华路5号 350211003 NUMBER 85 ADDRESS_DISTRICT_MAPPED",
    );
    check(
        "厦门市杏林区海沧镇海虹路5号",
        "福建省厦门市海沧区海沧街道海虹路5号 350205001 NUMBER 75 ADDRESS_DISTRICT_MAPPED",
    );
    check(
        "同安县马巷镇五星村3号",
        "福建省厦门市翔安区马巷街道五星村3号 350213002 NUMBER 75 ADDRESS_DISTRICT_MAPPED",
    );
    check(
        "厦门市开元区厦禾路12号",
        "福建省厦门市开元区厦禾路12号 350200 NUMBER 45 ADDRESS_RETIRED_DISTRICT",
    );
    check(
        "厦门市杏林区",
        "福建省厦门市杏林区 350200 DISTRICT 45 ADDRESS_RETIRED_DISTRICT",
    );
}

#[test]
fn a_district_that_was_split_follows_its_street() {
    check(
        "厦门市同安区新店镇洪前村1号",
        "福建省厦门市翔安区新店街道洪前村1号 350213005 NUMBER 75 ADDRESS_DISTRICT_MAPPED",
    );
}

#[test]
fn a_street_of_another_district_is_no_district_at_all() {
    check(
        "厦门市湖里区莲前街道前埔中路323号",
        "福建省厦门市湖里区莲前街道前埔中路323号 350200 NUMBER 35 ADDRESS_CONTRADICTION",
    );
}

#[test]
fn a_retired_district_is_not_mapped_by_a_street_outside_its_land() {
    check(
        "厦门市开元区马巷街道巷北路1号",
        "福建省厦门市开元区马巷街道巷北路1号 350200 NUMBER 5 ADDRESS_CONTRADICTION ADDRESS_RETIRED_DISTRICT",
    );
}

#[test]
fn a_road_of_the_name_of_a_street_is_no_street() {
    check(
        "厦门市思明区开元路12号",
        "福建省厦门市思明区开元路12号 350203 NUMBER 75",
    );
    check(
        "厦门市思明区鼓浪屿龙头路1号",
        "福建省厦门市思明区鼓浪屿龙头路1号 350203 NUMBER 75",
    );
}

#[test]
fn names_that_several_cities_have_need_their_city() {
    // 鼓楼区 lies in Fuzhou, Nanjing, Xuzhou and Kaifeng.
    check("鼓楼区东街1号", "鼓楼区东街1号 - NUMBER 10");
    check(
        "福州市鼓楼区东街1号",
        "福建省福州市鼓楼区东街1号 350102 NUMBER 75",
    );
    check(
        "晋江市陈埭镇1号",
        "福建省泉州市晋江市陈埭镇1号 350582 NUMBER 75",
    );
    check(
        "北京市朝阳区建国路1号",
        "北京市朝阳区建国路1号 110105 NUMBER 80",
    );
    check("湖北省仙桃市", "湖北省仙桃市 429004 DISTRICT 80");
    check(
        "湖北省省直辖县级行政区划仙桃市",
        "湖北省仙桃市 429004 DISTRICT 80",
    );
    check(
        "北京市市辖区朝阳区建国路1号",
        "北京市朝阳区建国路1号 110105 NUMBER 80",
    );
}

#[test]
fn a_place_without_any_division_is_never_given_one() {
    check("软件园二期观日路12号", "软件园二期观日路12号 - NUMBER 10");
    check("福建省软件园二期", "福建省软件园二期 350000 ESTATE 30");
    assert_eq!(READER.read("  "), None);
    assert_eq!(READER.read("(待补)"), None);
    assert_eq!(READER.read("不详"), None);
}

#[test]
fn streets_are_those_of_the_home_city_only() {
    check(
        "福州市晋安区新店镇1号",
        "福建省福州市晋安区新店镇1号 350111 NUMBER 75",
    );
}

#[test]
fn numerals_and_notes_are_told_one_way() {
    check(
        "厦门市思明区莲前街道前埔二里十二号三楼（原粮库）",
        "福建省厦门市思明区莲前街道前埔二里12号3楼 350203010 FLOOR 95",
    );
}

#[test]
fn parts_are_found_by_the_words_that_end_them() {
    let address =
        read("福建省厦门市思明区莲前街道前埔南社区前埔中路323号之2瑞景花园3号楼2单元5层A502室");
    for (level, expected) in [
        (Precision::Province, "福建省"),
        (Precision::City, "厦门市"),
        (Precision::District, "思明区"),
        (Precision::Township, "莲前街道"),
        (Precision::Community, "前埔南社区"),
        (Precision::Road, "前埔中路"),
        (Precision::Number, "323号之2"),
        (Precision::Estate, "瑞景花园"),
        (Precision::Building, "3号楼"),
        (Precision::Unit, "2单元"),
        (Precision::Floor, "5层"),
        (Precision::Room, "A502室"),
    ] {
        assert_eq!(address.part(level), Some(expected));
    }
}

#[test]
fn short_addresses_have_the_parts_they_have() {
    let part = |raw: &str, level| read(raw).part(level).map(str::to_owned);
    let room = |raw: &str| part(raw, Precision::Room);
    assert_eq!(
        room("思明区莲前街道前埔中路323号402").as_deref(),
        Some("402")
    );
    assert_eq!(room("湖里区金山街道1号楼302室").as_deref(), Some("302室"));
    assert_eq!(room("思明区莲前街道前埔中路323").as_deref(), None);
    let building = |raw: &str| part(raw, Precision::Building);
    assert_eq!(building("湖里区金山街道3栋").as_deref(), Some("3幢"));
    assert_eq!(
        building("湖里区金山街道泰和花园A座").as_deref(),
        Some("A座")
    );
    let community = |raw: &str| part(raw, Precision::Community);
    assert_eq!(
        community("翔安区新圩镇后埔村3组12号").as_deref(),
        Some("后埔村3组")
    );
    assert_eq!(community("思明区莲前街道前埔新村12号"), None);
    assert_eq!(
        part("思明区莲前街道观音山商务区", Precision::Estate).as_deref(),
        Some("观音山商务区")
    );
}

#[test]
fn every_street_is_read_with_and_without_its_city() {
    let divisions = &embedded().divisions;
    for township in divisions.townships(Address::SYSTEM) {
        for raw in [township.name.clone(), format!("厦门市{}1号", township.name)] {
            let address = read(&raw);
            assert_eq!(address.division.unwrap().as_str(), township.code, "{raw}");
            let district = divisions.name_today(township.county());
            assert_eq!(address.part(Precision::District), district);
        }
    }
}

#[test]
fn every_county_of_today_is_read_below_its_province_and_city() {
    let divisions = &embedded().divisions;
    let mut read_well = 0;
    for code in (110_000..660_000).map(|code| format!("{code:06}")) {
        let Some(name) = divisions.name_today(&code) else {
            continue;
        };
        if code.ends_with("00") || ["市辖区", "县", "市区"].contains(&name) {
            continue;
        }
        let above = |digits: usize, zeros: &str| {
            let name = divisions.name_today(&format!("{}{zeros}", code.get(..digits).unwrap()));
            name.filter(|name| *name != "市辖区" && *name != "县" && !name.contains("直辖"))
                .unwrap_or_default()
        };
        let address = format!("{}{}{name}", above(2, "0000"), above(4, "00"));
        let found = read(&address);
        assert_eq!(found.text, address);
        let division = found.division.unwrap();
        assert_eq!(divisions.name_today(&division), Some(name), "{address}");
        read_well += 1;
    }
    assert!(read_well > 2_800, "{read_well}");
}

#[test]
fn without_divisions_an_address_is_spelling_alone() {
    let reader = AddressReader::new(&Arc::new(Divisions::default()));
    let address = reader.read("厦门市思明区莲前街道1号").unwrap();
    assert_eq!(
        (address.text.as_str(), address.division, address.confidence),
        ("厦门市思明区莲前街道1号", None, 10)
    );
}

#[test]
fn debug_hides_the_address() {
    assert_eq!(
        format!("{:?}", read("厦门市思明区")),
        "Address(DISTRICT, 75)"
    );
}

const WORDS: &str = "(福建省|闽|福建|厦门市|厦门|思明区|开元区|杏林区|同安县|同安区|郊区|莲前街道|马巷镇|新店镇|开元街道|办事处|办|\
    前埔社区|后埔村|新村|前埔中路|湖滨南路|[一二三十百〇]{1,3}|[0-9]{1,3}|号|号楼|栋|幢|座|单元|层|楼|室|组|之|-|#|A|\
    \\(原粮库\\)|（|）| |　|中国|北京市|朝阳区|市辖区){0,10}";

proptest! {
    #[test]
    fn no_text_panics_and_a_standard_address_stays(raw in prop_oneof!["\\PC*".boxed(), WORDS.boxed()]) {
        let Some(once) = READER.read(&raw) else {
            return Ok(());
        };
        prop_assert!(once.confidence <= 100);
        let twice = READER.read(&once.text);
        prop_assert!(twice.is_some_and(|twice| twice.text == once.text), "{:?} {:?}", raw, once.text);
    }

    #[test]
    fn parts_lie_in_order_and_inside_the_text(raw in WORDS) {
        let Some(address) = READER.read(&raw) else {
            return Ok(());
        };
        let mut end = 0;
        for (level, range) in &address.parts {
            prop_assert!(range.start >= end, "{:?} {:?}", raw, level);
            prop_assert!(address.text.get(range.clone()).is_some_and(|part| !part.is_empty()));
            end = range.end;
        }
    }
}
