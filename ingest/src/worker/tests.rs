//! A worker on a broker in memory: what it does when brokers, topics and operators change under it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::fault::Fault;
use yidang_sink::{Lake, LakeSettings};
use yidang_transform::token::IdKey;

use super::{Ended, Worker, WorkerSettings};
use crate::epoch::Lane;
use crate::kafka::election::leader_topic;
use crate::kafka::proof::{Mock, Record};
use crate::lanes::raise_incarnation;
use crate::report::{Report, Role, Status};

const LAKE_ID: &str = "0123456789ab";
const PATIENCE: Duration = Duration::from_secs(90);

struct Scene {
    mock: Mock,
    catalog: Arc<Catalog>,
    lake: Lake,
    topic: String,
    _folder: tempfile::TempDir,
}

struct Running {
    work: JoinHandle<Result<Ended, Fault>>,
    stop: watch::Sender<bool>,
    status: watch::Receiver<Status>,
}

impl Scene {
    /// Every topic that a worker would make, and the source topic of the first feed.
    fn new() -> Self {
        let catalog = Arc::new(Catalog::embedded().expect("the built-in schemas are sound"));
        let topic = catalog.feeds[0].topic.clone();
        let mock = Mock::with_topic(&leader_topic(LAKE_ID), 1);
        let agencies = catalog
            .sending_agencies()
            .map(|agency| agency.slug.as_str());
        for agency in agencies.chain(["platform"]) {
            mock.make(&format!("dq.feedback.{agency}.v1"));
        }
        mock.make(&topic);
        let folder = tempfile::tempdir().expect("the temporary folder is writable");
        let place = folder.path().to_str().expect("it has a plain name");
        let lake = Lake::open(place, LakeSettings::default()).expect("it opens");
        Self {
            mock,
            catalog,
            lake,
            topic,
            _folder: folder,
        }
    }

    async fn start(&self, until_idle: Option<Duration>) -> Running {
        let id_key = IdKey::new([7; 32]);
        let identity = self
            .lake
            .identity(&id_key.fingerprint(), "2026-01-01T00:00:00Z", || {
                LAKE_ID.to_owned()
            })
            .await
            .expect("the lake is new");
        let report = Arc::new(Report::new("0", "0"));
        let (stop, stopped) = watch::channel(false);
        let status = report.status();
        let worker = Worker {
            lake: self.lake.clone(),
            identity,
            catalog: Arc::clone(&self.catalog),
            id_key,
            settings: WorkerSettings {
                until_idle,
                ..WorkerSettings::new(self.mock.settings())
            },
            report,
            stop: stopped,
        };
        Running {
            work: tokio::spawn(worker.run()),
            stop,
            status,
        }
    }

    fn produce(&self, values: &[&[u8]]) {
        let records: Vec<Record<'_>> = values.iter().map(|value| Record::new(value, &[])).collect();
        self.mock.produce(&self.topic, &records);
    }
}

impl Running {
    async fn wait_for(&mut self, what: &str, holds: impl FnMut(&Status) -> bool) {
        let waited = tokio::time::timeout(PATIENCE, self.status.wait_for(holds)).await;
        let waited = waited.map(|known| known.is_ok());
        match waited {
            Ok(true) => {}
            _ => panic!(
                "{what}: {:?}; {}",
                *self.status.borrow(),
                self.work.is_finished()
            ),
        }
    }

    async fn end(self) -> Result<Ended, Fault> {
        self.stop.send_replace(true);
        let ended = tokio::time::timeout(PATIENCE, self.work).await;
        ended
            .expect("it ends when it is told to")
            .expect("it does not panic")
    }
}

fn at(incarnation: u32, position: i64) -> impl Fn(&Status) -> bool {
    let lane = Lane {
        feed: 0,
        incarnation,
        partition: 0,
    };
    move |status| status.positions.get(&lane) == Some(&position)
}

#[tokio::test(flavor = "multi_thread")]
async fn brokers_that_are_away_for_longer_than_a_session_are_waited_for() {
    let scene = Scene::new();
    scene.produce(&[b"a"]);
    let mut running = scene.start(None).await;
    running.wait_for("the first is landed", at(0, 1)).await;
    scene.mock.cluster().broker_down(1).expect("it is there");
    // The session ends after 6 s, the look at the topics that follows gives up after 5 more.
    tokio::time::sleep(Duration::from_secs(16)).await;
    assert!(!running.work.is_finished(), "it ended");
    scene.mock.cluster().broker_up(1).expect("it is there");
    scene.produce(&[b"b"]);
    running.wait_for("the second is landed", at(0, 2)).await;
    assert_eq!(running.end().await.expect("it ends well"), Ended::Stopped);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_is_restarted_while_it_is_read_begins_anew() {
    let scene = Scene::new();
    scene.produce(&[b"a", b"b"]);
    let mut running = scene.start(None).await;
    running.wait_for("both are landed", at(0, 2)).await;
    let raised = raise_incarnation(&scene.lake, &scene.catalog, 0).await;
    assert_eq!(raised.expect("the store answers"), 1);
    running.wait_for("both are landed again", at(1, 2)).await;
    scene.produce(&[b"c"]);
    running.wait_for("it goes on", at(1, 3)).await;
    assert!(at(0, 2)(&running.status.borrow()), "the old lane is left");
    assert_eq!(running.end().await.expect("it ends well"), Ended::Stopped);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_worker_ends_and_says_it_was_ready_only_once_it_had_read() {
    let scene = Scene::new();
    scene.produce(&[b"a"]);
    let mut running = scene.start(Some(Duration::from_millis(500))).await;
    assert_eq!(running.status.borrow().role, Role::Starting);
    running
        .wait_for("it stands by", |status| status.role != Role::Starting)
        .await;
    let ended = tokio::time::timeout(PATIENCE, running.work).await;
    let ended = ended.expect("it ends").expect("it does not panic");
    assert_eq!(ended.expect("it ends well"), Ended::Idle);
    assert!(at(0, 1)(&running.status.borrow()));
}

#[test]
fn an_outage_is_no_take_over() {
    let outage = Fault::unavailable("put", "no answer");
    let given_up = || Fault::conflict("recover from the logs");
    assert!(super::is_outage(&given_up().with_source(outage)));
    assert!(!super::is_outage(&given_up()));
    let taken = Fault::conflict("fenced by term 2");
    assert!(!super::is_outage(&given_up().with_source(taken)));
}
