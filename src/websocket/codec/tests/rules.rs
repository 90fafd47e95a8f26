use std::borrow::Cow;

use super::*;

fn close_payload(code: u16, reason: &[u8]) -> Vec<u8> {
    [&code.to_be_bytes(), reason].concat()
}

#[test]
fn a_whole_message_is_heard_as_it_was_said() {
    assert_eq!(heard_whole(&stream(&[(FIN | TEXT, "grüß".as_bytes())])), ["text grüß"]);
    assert_eq!(heard_whole(&stream(&[(FIN | TEXT, b"")])), ["text "]);
    assert_eq!(heard_whole(&stream(&[(FIN | BINARY, &[0, 0xff])])), ["binary [0, 255]"]);
}

#[test]
fn every_form_of_the_length_is_read() {
    for bytes in [125, 126, 0xffff, 0x1_0000] {
        let text = "x".repeat(bytes);
        assert!(heard_whole(&stream(&[(FIN | TEXT, text.as_bytes())])) == [format!("text {text}")]);
    }
}

#[test]
fn a_whole_frame_is_borrowed_even_behind_one_that_came_in_pieces() {
    let mut input = stream(&[(FIN | TEXT, b"split"), (FIN | TEXT, b"whole")]);
    let (start, rest) = input.split_at_mut(8);
    let mut decoder = Decoder::default();
    assert_eq!(decoder.decode(start).next(), None);
    let said: Vec<_> = decoder.decode(rest).map(Result::unwrap).collect();
    assert!(matches!(&said[0], Incoming::Text(Cow::Owned(text)) if text == "split"));
    assert!(matches!(said[1], Incoming::Text(Cow::Borrowed("whole"))));
}

#[test]
fn fragments_make_one_message_and_control_frames_may_stand_between_them() {
    let input = stream(&[
        (TEXT, b"gr\xc3"),
        (FIN | PING, b"!"),
        (CONTINUATION, b"\xbc\xc3"),
        (FIN | PONG, b""),
        (CONTINUATION, b""),
        (FIN | CONTINUATION, b"\x9f"),
        (BINARY, b""),
        (FIN | CONTINUATION, b"\xff"),
    ]);
    assert_eq!(heard_whole(&input), ["ping [33]", "pong []", "text grüß", "binary [255]"]);
}

#[test]
fn what_breaks_the_framing_is_a_protocol_error() {
    let reserved_bits = [0x40, 0x20, 0x10].map(|bit| client_frame(FIN | bit | TEXT, b""));
    for input in reserved_bits {
        assert_eq!(heard_whole(&input), ["error 1002 ReservedBits"]);
    }
    for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        let input = client_frame(FIN | opcode, b"");
        assert_eq!(heard_whole(&input), ["error 1002 ReservedOpcode"]);
    }
    assert_eq!(heard_whole(&[FIN | TEXT, 1, b'x']), ["error 1002 NotMasked"]);
    assert_eq!(heard_whole(&[FIN | TEXT, 0xfe, 0, 1]), ["error 1002 BadLength"]);
}

#[test]
fn a_control_frame_is_short_and_whole() {
    for opcode in [CLOSE, PING, PONG] {
        assert_eq!(heard_whole(&client_frame(opcode, b"")), ["error 1002 FragmentedControl"]);
        let too_long = client_frame(FIN | opcode, &[b'x'; 126]);
        assert_eq!(heard_whole(&too_long), ["error 1002 ControlTooLong"]);
    }
    let longest = client_frame(FIN | PING, &[b'x'; 125]);
    assert_eq!(heard_whole(&longest), [format!("ping {:?}", [b'x'; 125])]);
}

#[test]
fn a_continuation_needs_a_message_to_continue() {
    for first in [CONTINUATION, FIN | CONTINUATION] {
        let input = stream(&[(FIN | TEXT, b"a"), (first, b"b")]);
        assert_eq!(heard_whole(&input), ["text a", "error 1002 NothingToContinue"]);
    }
}

#[test]
fn a_message_ends_before_the_next_begins() {
    for first in [TEXT, FIN | TEXT, BINARY, FIN | BINARY] {
        let input = stream(&[(TEXT, b"a"), (first, b"b")]);
        assert_eq!(heard_whole(&input), ["error 1002 MessageUnfinished"]);
    }
}

#[test]
fn text_must_be_utf8() {
    for bad in [&b"\xff"[..], b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"a\xc3"] {
        assert_eq!(heard_whole(&stream(&[(FIN | TEXT, bad)])), ["error 1007 NotUtf8"]);
        let fragmented = stream(&[(TEXT, bad), (FIN | CONTINUATION, b"")]);
        assert_eq!(heard_whole(&fragmented), ["error 1007 NotUtf8"]);
    }
}

#[test]
fn a_text_that_cannot_become_utf8_fails_at_its_first_bad_fragment() {
    assert_eq!(
        heard_whole(&stream(&[(TEXT, b"gr\xc3"), (CONTINUATION, b"r")])),
        ["error 1007 NotUtf8"]
    );
}

#[test]
fn a_message_over_the_limit_is_refused_at_its_header() {
    let mut decoder = Decoder::new(4);
    assert_eq!(heard(&mut decoder, &client_frame(FIN | TEXT, b"1234")), ["text 1234"]);
    assert_eq!(heard(&mut decoder, &[FIN | TEXT, 0x80 | 5]), ["error 1009 TooBig"]);
    let announced = [&[FIN | BINARY, 0xff][..], &(1_u64 << 62).to_be_bytes()].concat();
    assert_eq!(heard_whole(&announced), ["error 1009 TooBig"]);
}

#[test]
fn the_limit_counts_all_fragments_and_no_control_frame() {
    let mut decoder = Decoder::new(4);
    let fitting = [(TEXT, &b"12"[..]), (FIN | PING, b"12345"), (FIN | CONTINUATION, b"34")];
    assert_eq!(heard(&mut decoder, &stream(&fitting)), ["ping [49, 50, 51, 52, 53]", "text 1234"]);
    let too_big = [(TEXT, &b"12"[..]), (CONTINUATION, b"34"), (FIN | CONTINUATION, b"5")];
    assert_eq!(heard(&mut decoder, &stream(&too_big)), ["error 1009 TooBig"]);
}

#[test]
fn a_close_frame_says_why_or_nothing() {
    assert_eq!(heard_whole(&client_frame(FIN | CLOSE, b"")), ["close"]);
    let bare = client_frame(FIN | CLOSE, &close_payload(1001, b""));
    assert_eq!(heard_whole(&bare), ["close 1001 "]);
    let reasoned = client_frame(FIN | CLOSE, &close_payload(4000, b"bye"));
    assert_eq!(heard_whole(&reasoned), ["close 4000 bye"]);
}

#[test]
fn a_close_frame_that_makes_no_sense_is_refused() {
    assert_eq!(heard_whole(&client_frame(FIN | CLOSE, b"\x03")), ["error 1002 BadCloseCode"]);
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 0xffff] {
        let input = client_frame(FIN | CLOSE, &close_payload(code, b""));
        assert_eq!(heard_whole(&input), ["error 1002 BadCloseCode"], "{code}");
    }
    let bad_reason = client_frame(FIN | CLOSE, &close_payload(1000, b"\xff"));
    assert_eq!(heard_whole(&bad_reason), ["error 1007 NotUtf8"]);
}

#[test]
fn nothing_is_heard_after_a_close_or_an_error() {
    let more = client_frame(FIN | TEXT, b"more");
    for last in [client_frame(FIN | CLOSE, b""), client_frame(FIN | 3, b"")] {
        let mut decoder = Decoder::default();
        assert_eq!(heard(&mut decoder, &[last, more.clone()].concat()).len(), 1);
        assert!(heard(&mut decoder, &more).is_empty());
    }
}

#[test]
fn what_is_said_is_never_printed() {
    let mut input = client_frame(FIN | TEXT, b"secret");
    let mut decoder = Decoder::default();
    let mut decoding = decoder.decode(&mut input);
    let printed = format!("{decoding:?} {:?}", decoding.next());
    assert!(printed.contains("Text(6 bytes)") && !printed.contains("secret"));
}
