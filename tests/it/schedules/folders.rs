//! Schedules about what is on disk: every state that a kill can leave, tables of different moments, upkeep, two leaders.

use std::collections::BTreeMap;
use std::sync::Arc;

use yidang_ingest::engine::EngineSettings;
use yidang_ingest::lake::Tables;
use yidang_ingest::maintain::maintenance;
use yidang_ingest::recover::{StateReader, follow};
use yidang_schemas::catalog::{Bundle, Catalog};
use yidang_schemas::fault::{Fault, FaultKind};
use yidang_tests::lab::{Folder, Lab, Row, built_in, same};
use yidang_tests::lake_log;
use yidang_tests::messages::Message;
use yidang_tests::records::{
    DEATH, SIYUAN, START_MS, XIAOMEI, death, hukou, hukou_with, residence, resident,
};

const DAY_MS: i64 = 86_400_000;

fn refused(folder: &Folder) -> Fault {
    let started = Lab::try_start(folder.copy(), built_in(), START_MS + 3 * DAY_MS);
    match started {
        Ok(_) => panic!("the start has to be refused"),
        Err(fault) => fault,
    }
}

/// The built-in schemas one generation later, with a feed that comes before all others.
fn newer() -> Arc<Catalog> {
    let mut files = Bundle::embedded()
        .expect("the built-in schemas compile")
        .files;
    files.insert("bundle.yaml".to_owned(), "generation: 2\n".to_owned());
    let contract = files
        .get("contracts/wj/death.odcs.yaml")
        .expect("it is built in")
        .clone();
    let contract = contract
        .replace("wj.", "fy.")
        .replace("value: wj", "value: fy")
        .replace("id: wj", "id: fy");
    files.insert("contracts/fy/death.odcs.yaml".to_owned(), contract);
    let bundle = Bundle::of_files(files).expect("the files are sound");
    Arc::new(Catalog::from_bundle(&bundle).unwrap_or_else(|problems| panic!("{problems:?}")))
}

#[test]
fn schedule_06_a_newer_bundle_takes_over_and_does_the_pending_epoch_under_the_old_one() {
    let first = [hukou(SIYUAN, "陈思远", 1), death("D1", SIYUAN, 2)];
    let pending = [
        death("D1", XIAOMEI, 3),
        hukou_with(XIAOMEI, "林晓梅", 4, r#","MZ":"77""#),
    ];
    let mut whole = Lab::new();
    whole.epoch(&first);
    whole.epoch(&pending);
    let expected = whole.everything();

    let mut lab = Lab::new();
    lab.epoch(&first);
    lab.checkpoint();
    lab.land(&pending);
    let mut lab = Lab::try_start(lab.stop(), newer(), START_MS + 3 * DAY_MS)
        .expect("a newer bundle may lead");
    assert_eq!(lab.recovered.replayed, 1);
    assert!(
        lab.recovered.mended.contains(&"person_file".to_owned()),
        "{:?}",
        lab.recovered
    );
    same(&lab.everything(), &expected, "");

    lab.epoch(&[
        Message {
            topic: DEATH.replace("wj", "fy"),
            ..death("D9", XIAOMEI, 9)
        },
        death("D1", SIYUAN, 10),
    ]);
    let evidence = |lab: &Lab, id| {
        lab.person(id)
            .and_then(|row| row.get("death_evidence").cloned())
            .unwrap_or_default()
    };
    assert!(evidence(&lab, XIAOMEI).contains("fy") && evidence(&lab, SIYUAN).contains("D1"));
    lab.checkpoint();
    let before = lab.everything();
    let folder = lab.stop();
    let error = refused(&folder);
    assert!(error.to_string().contains("generation 2"), "{error}");
    let again =
        Lab::try_start(folder, newer(), START_MS + 4 * DAY_MS).expect("the newer bundle goes on");
    same(&again.everything(), &before, "");
}

#[test]
fn schedule_09_a_record_judged_future_is_judged_so_again_an_hour_later() {
    let soon = |lab: &Lab| {
        let at = jiff::Timestamp::from_millisecond(lab.now_ms + 1_800_000)
            .expect("a time")
            .to_string();
        let mut message = death("D1", SIYUAN, 3);
        let value =
            String::from_utf8(message.value.take().unwrap_or_default()).expect("it is text");
        message.value = Some(value.replace("2026-11-02T23:50:00+08:00", &at).into_bytes());
        message.at(lab.now_ms + 3_600_000)
    };
    let mut whole = Lab::new();
    whole.epoch(&[soon(&whole)]);
    let expected = whole.everything();
    assert_eq!(expected["quarantine"].len(), 1);

    let mut lab = Lab::new();
    lab.land(&[soon(&lab)]);
    let lab = lab.crash();
    assert_eq!(lab.recovered.replayed, 1);
    same(&lab.everything(), &expected, "");
}

/// Versions of every table of a folder.
fn versions(folder: &Folder) -> BTreeMap<String, u64> {
    let last = |table: &String| {
        lake_log::entries(&folder.path().join(table))
            .last()
            .map_or(0, |entry| entry.version)
    };
    lake_log::tables(folder.path())
        .into_iter()
        .map(|table| (table.clone(), last(&table)))
        .collect()
}

#[test]
fn schedule_12_a_kill_between_any_two_derived_puts_opens_one_issue_with_one_number() {
    let mut lab = Lab::new();
    lab.epoch(&[hukou(SIYUAN, "陈思远", 1)]);
    let spoiled = hukou_with(SIYUAN, "陈思远", 2, r#","MZ":"77""#);
    let held = residence(XIAOMEI, "林晓梅", "长乐路8号", 3);
    let plan = lab.land(&[spoiled, held, death("D1", "35020319900101", 4)]);
    let landed = lab.folder.copy();
    lab.derive(plan);
    let expected = lab.everything();
    let whole = lab.stop();
    let (before, after) = (versions(&landed), versions(&whole));
    let derived: Vec<&String> = after
        .keys()
        .filter(|table| before[*table] != after[*table])
        .collect();
    assert!(derived.len() >= 6, "{derived:?}");
    for chosen in 0..1_u32 << derived.len() {
        let folder = landed.copy();
        let put = derived
            .iter()
            .enumerate()
            .filter(|(place, _)| chosen & 1 << place != 0);
        let put: Vec<&str> = put.map(|(_, table)| table.as_str()).collect();
        put.iter()
            .for_each(|table| folder.take_table(&whole, table));
        let lab = Lab::start(folder);
        same(
            &lab.everything(),
            &expected,
            &format!("killed after {put:?}"),
        );
        let opened = expected["issue_event"]
            .iter()
            .filter(|row| row["transition"] == "opened");
        assert!(opened.clone().count() >= 2 && opened.clone().all(|row| row["seq"] == "1"));
        // The next kill finds it whole, and a next epoch finds its rows.
        let mut lab = lab.crash();
        same(
            &lab.everything(),
            &expected,
            &format!("killed twice after {put:?}"),
        );
        lab.epoch(&[hukou(SIYUAN, "陈思远", 9)]);
        assert_eq!(lab.rows("person_file").len(), expected["person_file"].len());
        assert_eq!(lab.rows("issue").len(), expected["issue"].len());
    }
}

/// Ten epochs of a few new subjects and one that changes every time, so that files grow old and merge.
fn busy(lab: &mut Lab, from: u32) {
    for seq in from..from + 10 {
        let address = format!("长乐路{seq}号");
        lab.epoch(&[
            residence(XIAOMEI, "林晓梅", &address, seq),
            hukou(&resident(seq * 2), "郑一", seq),
            hukou(&resident(seq * 2 + 1), "王二", seq),
            hukou_with(
                SIYUAN,
                "陈思远",
                seq,
                if seq % 2 == 0 { r#","MZ":"77""# } else { "" },
            ),
        ]);
    }
}

/// Merges whatever is worth it, at an instant, and takes the new places over as the worker does.
fn merge_all(lab: &mut Lab, now_ms: i64) -> Vec<String> {
    let by = maintenance(&lab.tables, &lab.engine, now_ms);
    let mut merged = Vec::new();
    for place in 0..lab.tables.all().count() {
        let plan = lab
            .tables
            .all()
            .nth(place)
            .and_then(|table| table.plan_merge(&by));
        let Some(plan) = plan else { continue };
        let prepared = lab.wait(plan.prepare()).expect("the files are there");
        lab.finish_merge(place, prepared).expect("the lead is ours");
        merged.extend(
            lab.tables
                .all()
                .nth(place)
                .map(|table| table.name().to_owned()),
        );
    }
    merged
}

#[test]
fn schedule_16_landing_merged_log_cleaned_and_two_days_down_the_replay_is_equal() {
    let mut whole = Lab::new();
    busy(&mut whole, 1);
    whole.now_ms += DAY_MS / 12;
    busy(&mut whole, 11);
    let last = [
        residence(XIAOMEI, "林晓梅", "长乐路99号", 99),
        death("D1", SIYUAN, 99),
    ];
    whole.epoch(&last);
    let expected = whole.everything();

    let mut lab = Lab::new();
    busy(&mut lab, 1);
    lab.checkpoint();
    lab.now_ms += DAY_MS / 12;
    busy(&mut lab, 11);
    lab.land(&last);
    let later = lab.now_ms + 2 * DAY_MS;
    let merged = merge_all(&mut lab, later);
    assert!(
        ["landing", "person_file"]
            .iter()
            .all(|table| merged.iter().any(|name| name == table)),
        "{merged:?}"
    );
    let files = lab.tables.landing.files().count();
    assert!(
        (11..=13).contains(&files),
        "epochs above the state's are spared: {files} files"
    );
    // Log files are cleaned by the store's clock: far enough ahead, all that a checkpoint covers go.
    let far = now_of_the_store() + 60 * DAY_MS;
    let mut cleaned = 0;
    for place in 0..lab.tables.all().count() {
        let plan = lab
            .tables
            .all()
            .nth(place)
            .expect("counted")
            .checkpoint_now(far);
        cleaned += lab.wait(plan.run()).expect("the store is there").cleaned;
    }
    assert!(cleaned > 20, "{cleaned} log files were cleaned");
    let by = yidang_sink::maintain::Maintenance {
        now_ms: far,
        ..maintenance(&lab.tables, &lab.engine, far)
    };
    let mut gone = 0;
    for place in 0..lab.tables.all().count() {
        gone += lab.vacuum(place, &by).deleted.len();
    }
    assert!(gone > 10, "{gone} files were vacuumed");
    let folder = lab.stop();
    let lab = Lab::try_start(folder, built_in(), later).expect("the lake can be recovered");
    assert_eq!(lab.recovered.replayed, 11);
    same(&lab.everything(), &expected, "");
    let mut lab = lab.crash();
    let mut more = whole;
    busy(&mut lab, 200);
    busy(&mut more, 200);
    same(&lab.files(), &more.files(), "");
}

#[expect(
    clippy::disallowed_methods,
    reason = "files of the store carry its clock"
)]
fn now_of_the_store() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

#[test]
fn schedule_17_a_table_of_another_moment_is_named_and_refused() {
    let mut lab = Lab::new();
    lab.epoch(&[hukou(SIYUAN, "陈思远", 1)]);
    lab.checkpoint();
    let old = lab.folder.copy();
    let mut rows = vec![
        hukou_with(SIYUAN, "陈思远", 2, r#","MZ":"77""#),
        death("D1", "35020319900101", 3),
        yidang_tests::records::penalties(&[("罚1号", "0.5")], 4),
    ];
    lab.epoch(&rows);
    rows.push(residence(XIAOMEI, "林晓梅", "长乐路8号", 5));
    let middle = lab.folder.copy();
    for seq in 10..14 {
        lab.epoch(&[
            hukou_with(
                SIYUAN,
                "陈思远",
                seq,
                if seq % 2 == 0 { "" } else { r#","MZ":"77""# },
            ),
            death("D1", "35020319900101", seq),
            yidang_tests::records::penalties(&[("罚1号", "0.7")], seq),
        ]);
    }
    let above = lab.folder.copy();
    lab.checkpoint();
    let expected = lab.everything();
    let whole = lab.stop();
    let moved = |from: &Folder| -> Vec<String> {
        let (from, now) = (versions(from), versions(&whole));
        now.keys()
            .filter(|table| from[*table] != now[*table])
            .cloned()
            .collect()
    };
    let mut named = 0;
    for (state, base) in [
        ("at the checkpoint", &whole),
        ("epochs above the checkpoint", &above),
    ] {
        for table in moved(&old).iter().filter(|table| *table != "state") {
            for moment in [&old, &middle] {
                let folder = base.copy();
                folder.take_table(moment, table);
                let error = refused(&folder).to_string();
                assert!(
                    error.contains(&format!("{table} ")) || error.contains(&format!("{table}:")),
                    "{state}: {table}: {error}"
                );
                assert!(error.contains("restore"), "the way out: {error}");
                named += 1;
                // Put back, it starts.
                folder.take_table(base, table);
                same(&Lab::start(folder).everything(), &expected, table);
            }
        }
    }
    assert!(named >= 20, "{named}");
    // An older state is only a longer way: landing holds everything above it.
    let folder = whole.copy();
    folder.take_table(&old, "state");
    let lab = Lab::start(folder);
    assert_eq!(lab.recovered.state_epoch, 1);
    same(&lab.everything(), &expected, "state");
    // A newer table in an older lake: landing is the older one.
    let folder = middle.copy();
    folder.take_table(&whole, "person_file");
    assert!(refused(&folder).to_string().contains("person_file"));
}

fn fenced<T>(result: Result<T, Fault>) {
    match result {
        Ok(_) => panic!("a worker that was overtaken must not write"),
        Err(fault) => {
            assert_eq!(fault.kind, FaultKind::Conflict);
            assert!(fault.to_string().contains("fenced"), "{fault}");
        }
    }
}

fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort();
    rows
}

#[test]
fn schedule_05_a_worker_paused_before_each_of_its_puts_writes_nothing_after_a_take_over() {
    for quiet in [false, true] {
        let mut old = Lab::new();
        busy(&mut old, 1);
        // Paused with a merge of the file table and a next epoch prepared, the epoch landed.
        let by = maintenance(&old.tables, &old.engine, old.now_ms);
        let place = old
            .tables
            .all()
            .position(|table| table.name() == "person_file")
            .expect("it is there");
        let plan = old
            .tables
            .all()
            .nth(place)
            .and_then(|table| table.plan_merge(&by))
            .expect("eight files are there");
        let prepared = old.wait(plan.prepare()).expect("the files are there");
        let next = [
            residence(XIAOMEI, "林晓梅", "新的地址", 50),
            death("D7", SIYUAN, 50),
        ];
        let landed = if quiet { None } else { Some(old.land(&next)) };
        let again = old.read(&[death("D8", SIYUAN, 51)]);
        let unlanded = old.engine.plan(again).expect("the verbs do not panic");

        let mut new = Lab::start(old.folder.clone());
        assert_eq!(
            new.recovered.mended.is_empty(),
            quiet,
            "{:?}",
            new.recovered
        );
        new.epoch(&[hukou(SIYUAN, "陈思远", 60), death("D9", SIYUAN, 61)]);
        let expected = new.everything();

        // SIGCONT.
        fenced(old.finish_merge(place, prepared));
        fenced(old.put_landing(&unlanded));
        if let Some(plan) = landed {
            fenced(old.put_derived(&plan));
        }
        new.catch_up().expect("the logs can be followed");
        same(&new.everything(), &expected, "");
        let ids: Vec<String> = new
            .rows("person_file")
            .into_iter()
            .filter_map(|row| row.get("person_id").cloned())
            .collect();
        let distinct: std::collections::BTreeSet<&String> = ids.iter().collect();
        assert_eq!(
            (ids.len(), distinct.len()),
            (22, 22),
            "count(*) = count(distinct person_id)"
        );
        drop(old);
        same(&new.crash().everything(), &expected, "");
    }
}

#[test]
fn schedule_13_a_merge_of_a_quiet_table_paused_over_take_over_and_vacuum_leaves_a_table_that_reads()
{
    let mut old = Lab::new();
    busy(&mut old, 1);
    let by = maintenance(&old.tables, &old.engine, old.now_ms);
    let place = old
        .tables
        .all()
        .position(|table| table.name() == "person_file")
        .expect("it is there");
    let plan = old
        .tables
        .all()
        .nth(place)
        .and_then(|table| table.plan_merge(&by))
        .expect("eight files are there");
    let prepared = old.wait(plan.prepare()).expect("the files are there");
    let expected = sorted(old.rows("person_file"));

    let mut new = Lab::start(old.folder.clone());
    let by = yidang_sink::maintain::Maintenance {
        now_ms: now_of_the_store() + 60 * DAY_MS,
        ..maintenance(&new.tables, &new.engine, new.now_ms)
    };
    let gone = new.vacuum(place, &by);
    assert!(
        !gone.deleted.is_empty(),
        "the merged file of the paused worker went, nobody names it"
    );
    fenced(old.finish_merge(place, prepared));
    new.catch_up().expect("the log can be followed");
    assert!(
        sorted(new.rows("person_file")) == expected,
        "rows were lost or changed"
    );
    let uri = new.folder.path().join("person_file");
    let read = yidang_tests::readers::read_agreed(uri.to_str().expect("a plain name"), "person_id");
    assert_eq!(
        read.len(),
        expected.len(),
        "three readers that are not ours read it"
    );
}

#[test]
fn a_standby_that_meets_checkpoints_and_their_merge_in_one_look_misses_nothing() {
    let mut lab = Lab::new();
    lab.epoch(&[hukou(SIYUAN, "陈思远", 1)]);
    lab.checkpoint();
    let catalog = built_in();
    let lake = lab.tables.lake.clone();
    let mut tables = lab
        .wait(Tables::open(&lake, &catalog, lab.now_ms))
        .expect("the lake is there");
    let mut standby = StateReader::new(Arc::clone(&catalog));
    lab.wait(standby.read_all(&tables))
        .expect("the state can be read");
    for seq in 2..12 {
        lab.epoch(&[residence(&resident(seq), "王二", "长乐路8号", seq)]);
        lab.checkpoint();
    }
    let later = lab.now_ms + DAY_MS;
    let merged = merge_all(&mut lab, later);
    assert!(merged.iter().any(|table| table == "state"), "{merged:?}");
    lab.wait(follow(&mut tables, &mut standby))
        .expect("the log can be followed");
    assert_eq!(standby.epoch(), lab.engine.epoch());
    let followed = standby
        .into_engine(lab.engine.id_key(), &EngineSettings::default())
        .expect("it is readable");
    let (ids, expected) = (
        followed.memory().record_ids_sorted(),
        lab.engine.memory().record_ids_sorted(),
    );
    assert_eq!((ids.len(), &ids), (11, &expected));
    for id in &ids {
        let kept = [&followed, &lab.engine].map(|engine| engine.memory().packed(id).cloned());
        assert!(
            kept[0] == kept[1],
            "a record that was followed is the one that was kept"
        );
    }
    assert_eq!(followed.lanes(), lab.engine.lanes());
}
