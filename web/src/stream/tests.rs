use super::*;

type Told = Vec<(String, String, Option<String>)>;

fn told<'a>(pieces: impl IntoIterator<Item = &'a str>) -> Told {
    let mut reader = Reader::default();
    let mut told = Told::new();
    for piece in pieces {
        reader
            .read(piece, |event, id| {
                told.push((event.name, event.data, id.map(str::to_owned)));
            })
            .unwrap();
    }
    told
}

fn event(name: &str, data: &str, id: Option<&str>) -> (String, String, Option<String>) {
    (name.to_owned(), data.to_owned(), id.map(str::to_owned))
}

const STREAM: &str = ": hello\n\nid: 7\nevent: account\ndata: {\"id\":\"ä\"}\n\n:\n\ndata:a\ndata: b\nunknown\nretry: 5\n\nid\nevent: last\ndata\n\n";

fn expected() -> Told {
    vec![
        event("account", "{\"id\":\"ä\"}", Some("7")),
        event("", "a\nb", Some("7")),
        event("last", "", Some("")),
    ]
}

#[test]
fn events_are_found_wherever_the_pieces_end_and_however_lines_do() {
    for ending in ["\n", "\r\n", "\r"] {
        let stream = STREAM.replace('\n', ending);
        assert_eq!(told([stream.as_str()]), expected(), "{ending:?}");
        let letters: Vec<String> = stream.chars().map(String::from).collect();
        let pieces = letters.iter().map(String::as_str);
        assert_eq!(told(pieces), expected(), "{ending:?}, letter by letter");
        for (at, _) in stream.char_indices() {
            let (first, second) = stream.split_at(at);
            assert_eq!(told([first, second]), expected(), "{ending:?} at {at}");
        }
    }
}

#[test]
fn an_event_without_data_is_none_and_its_name_is_not_the_next_ones() {
    assert_eq!(
        told(["event: account\nid: 3\n\ndata: x\n\n"]),
        [event("", "x", Some("3"))]
    );
}

#[test]
fn the_stream_says_when_to_come_back() {
    let mut reader = Reader::default();
    assert_eq!(reader.retry(), None);
    for (piece, retry) in [
        ("retry: 250\n\n", Some(250)),
        ("retry: 900\ndata: x\n\n", Some(900)),
        ("retry: soon\n\n", None),
    ] {
        reader.read(piece, |_, _| {}).unwrap();
        assert_eq!(reader.retry(), retry, "{piece}");
    }
}

#[test]
fn what_is_cut_off_is_not_told() {
    assert_eq!(told(["data: x\n", "data: y"]), []);
    assert_eq!(told(["data: x\n"]), []);
}

#[test]
fn an_id_that_no_header_can_hold_is_not_remembered() {
    for bad in ["a b", "\0", "ä"] {
        assert_eq!(
            told([format!("id: 1\nid: {bad}\ndata: x\n\n").as_str()]),
            [event("", "x", Some("1"))]
        );
    }
}

#[test]
fn a_stream_that_never_ends_an_event_is_given_up() {
    let megabyte = "x".repeat(1 << 20);
    for start in ["", "data: ", ": "] {
        let mut reader = Reader::default();
        reader.read(start, |_, _| {}).unwrap();
        let pieces = (0..10).map(|_| reader.read(&megabyte, |_, _| {}));
        assert!(pieces.into_iter().any(|read| read == Err(TooLong)));
    }
    let mut reader = Reader::default();
    let lines = (0..10).map(|_| reader.read(&format!("data: {megabyte}\n"), |_, _| {}));
    assert!(lines.into_iter().any(|read| read == Err(TooLong)));
}
