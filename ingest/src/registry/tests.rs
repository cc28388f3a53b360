//! Facts in a lake, and which registries a catalog needs.

use yidang_sink::{Lake, LakeSettings};
use yidang_transform::schema_book::{Fact, Known, SchemaId, SchemaKind, SchemaText};

use super::stored::FactName;
use super::*;

fn avro(text: &str) -> Fact {
    Fact::Registered(SchemaText {
        kind: SchemaKind::Avro,
        text: text.to_owned(),
        imports: Vec::new(),
    })
}

fn name(id: u32, epoch: i64) -> FactName {
    FactName {
        registry: "main".to_owned(),
        id: SchemaId(id),
        epoch,
    }
}

#[tokio::test]
async fn the_first_fact_of_an_epoch_stands_and_all_are_loaded_again() {
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let place = folder.path().to_str().expect("it has a plain name");
    let lake = Lake::open(place, LakeSettings::default()).expect("it opens");
    let first = avro("\"int\"");
    let stored_one = stored::store(&lake, &name(7, 3), &Fact::Unknown).await;
    assert_eq!(stored_one.expect("it is stored"), Fact::Unknown);
    let again = stored::store(&lake, &name(7, 3), &first).await;
    assert_eq!(again.expect("it is stored"), Fact::Unknown);
    let later = stored::store(&lake, &name(7, 5), &first).await;
    assert_eq!(later.expect("it is stored"), first);
    let book = stored::load(&lake).await.expect("it is read");
    let at = |epoch| book.at(epoch).find("main", SchemaId(7));
    assert!(at(2).is_none());
    assert!(matches!(at(4), Some(Known::Unknown)));
    assert!(matches!(at(5), Some(Known::Avro(_))));
    assert!(book.at(9).find("other", SchemaId(7)).is_none());
    let newest = stored::newest(&lake, "main").await.expect("it is read");
    assert_eq!(newest, Some((SchemaId(7), first)));
    assert_eq!(
        stored::newest(&lake, "other").await.expect("it is read"),
        None
    );
}

#[test]
fn a_login_is_never_shown_and_an_address_is_checked() {
    let address = Address {
        url: "http://registry:8081".to_owned(),
        login: Some(("user".to_owned(), "secret-word".to_owned())),
    };
    assert!(!format!("{address:?}").contains("secret-word"));
    let settings = RegistrySettings::default();
    assert!(client::RegistryClient::new("main", &address, &settings).is_ok());
    for url in [
        "registry:8081",
        "ftp://r",
        "",
        "data:text/plain,x",
        "http://a:b@r",
    ] {
        let address = Address {
            url: url.to_owned(),
            login: None,
        };
        let made = client::RegistryClient::new("main", &address, &settings);
        assert!(made.is_err(), "{url}");
    }
}
